import JSON
import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct IngestQueueTests {
    private func entry(_ text: String, items: Int = 1, from customer: String = "15550100001") -> IngestQueue.Entry {
        let messages = (0..<items).map { index -> JSON in
            ["id": .string("wamid.\(text).\(index)"), "from": .string(customer), "type": "text", "text": ["body": "x"]]
        }
        return entry(text, ["messages": .array(messages)])
    }

    private func entry(_ text: String, _ value: JSONObject) -> IngestQueue.Entry {
        var value = value
        value["name"] = .string(text)
        let body = Harness.webhook(value).encoded()
        return IngestQueue.Entry(webhook: ReceivedWebhook(body: body, receivedAt: 0)) { _ in }
    }

    private func names(_ batch: IngestQueue.Batch) throws -> [String] {
        try batch.entries.map { entry in
            let value = try JSON(parsing: entry.webhook.body)["entry"]?[0]?["changes"]?[0]?["value"]
            return try #require(value?["name"]?.string)
        }
    }

    /// What the next writer takes, which is done at once.
    private func pass(_ queue: IngestQueue, items: Int) async throws -> [String] {
        let batch = await queue.next(items: items)
        queue.done(batch)
        return try names(batch)
    }

    @Test func `it takes as many as its limit and no more until some are taken out`() async {
        let queue = IngestQueue(countLimit: 3)
        #expect((0..<5).map { queue.append(entry("\($0)")) } == [true, true, true, false, false])
        #expect(queue.depth == 3)
        #expect(await queue.next(items: 1).entries.count == 1)
        #expect(queue.append(entry("again")))
        #expect(!queue.append(entry("too many")))
    }

    @Test func `it takes no more bytes than its limit, but for the last that fits in part`() async {
        let size = entry("0").webhook.body.count
        let queue = IngestQueue(countLimit: 100, byteLimit: size * 2 + 1)
        #expect((0..<4).map { queue.append(entry("\($0)")) } == [true, true, true, false])
        #expect(await queue.next(items: 100).entries.count == 3)
        #expect(queue.append(entry("5")), "what was taken out counts no longer")
    }

    @Test func `batches are whole webhooks in the order of their arrival`() async throws {
        let queue = IngestQueue(countLimit: 100)
        for (name, items) in [("a", 2), ("b", 2), ("c", 5), ("d", 9), ("e", 0)] {
            #expect(queue.append(entry(name, items: items)))
        }
        #expect(try await pass(queue, items: 4) == ["a", "b"])
        #expect(try await pass(queue, items: 4) == ["c"], "one that is larger than a batch comes alone")
        #expect(try await pass(queue, items: 10) == ["d", "e"])
        #expect(queue.depth == 0)
    }

    @Test func `a writer that waits is woken by the first entry`() async throws {
        let queue = IngestQueue(countLimit: 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let batch = try await pass(queue, items: 10)
                #expect(batch == ["first"])
            }
            group.addTask { #expect(queue.append(entry("first"))) }
            try await group.waitForAll()
        }
    }

    @Test func `a closed queue takes nothing, hands out what waits, and then ends`() async throws {
        let queue = IngestQueue(countLimit: 10)
        #expect(queue.append(entry("a")))
        #expect(queue.append(entry("b")))
        queue.close()
        #expect(!queue.append(entry("c")))
        #expect(try await pass(queue, items: 1) == ["a"])
        #expect(try names(await queue.next(items: 1)) == ["b"])
        #expect(await queue.next(items: 1).entries.isEmpty)
        #expect(await queue.next(items: 1).entries.isEmpty)
    }

    @Test func `closing wakes every writer that waits`() async {
        let queue = IngestQueue(countLimit: 10)
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { #expect(await queue.next(items: 1).entries.isEmpty) } }
            group.addTask { queue.close() }
        }
    }

    /// Fills the queue with webhooks of customers of their own, so that a further batch is worth its while.
    private func fill(_ queue: IngestQueue) {
        for number in 0..<IngestQueue.worthABatch {
            #expect(queue.append(entry("\(number)", from: "1555020\(1000 + number)")))
        }
    }

    @Test func `while a batch is written, its customers wait, and whoever shares one with those who wait`() async throws
    {
        let queue = IngestQueue(countLimit: 100)
        #expect(queue.append(entry("a1", from: "15550100001")))
        let first = await queue.next(items: 100)
        #expect(queue.append(entry("a2", from: "15550100001")))
        let both = ["15550100001", "15550100002"].map { phone -> JSON in
            ["id": .string("wamid.\(phone)"), "from": .string(phone), "type": "text", "text": ["body": "x"]]
        }
        #expect(queue.append(entry("ab", ["messages": .array(both)])))
        #expect(queue.append(entry("b1", from: "15550100002")))
        fill(queue)
        let second = await queue.next(items: 100)
        #expect(try names(second) == (0..<IngestQueue.worthABatch).map(String.init))
        queue.done(first)
        #expect(queue.append(entry("c", items: IngestQueue.worthABatch, from: "15550100003")))
        #expect(try await pass(queue, items: 100) == ["a2", "ab", "b1", "c"])
    }

    @Test func `a further batch begins when enough has gathered for it, or the one before is done`() async throws {
        let queue = IngestQueue(countLimit: 100)
        #expect(queue.append(entry("first")))
        let first = await queue.next(items: 100)
        for number in 1..<IngestQueue.worthABatch {
            #expect(queue.append(entry("\(number)", from: "1555020\(1000 + number)")))
        }
        try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask { try await pass(queue, items: 100) }
            // Whether the writer waits by now or comes later, it gets all of them.
            #expect(queue.append(entry("last", from: "15550200001")))
            let further = try await group.next()
            #expect(further == (1..<IngestQueue.worthABatch).map(String.init) + ["last"])
            group.addTask { try await pass(queue, items: 100) }
            #expect(queue.append(entry("few", from: "15550200002")))
            queue.done(first)
            let last = try await group.next()
            #expect(last == ["few"])
        }
    }

    @Test func `what gives a customer another id is written while nothing else is`() async throws {
        let queue = IngestQueue(countLimit: 100)
        #expect(queue.append(entry("first")))
        let first = await queue.next(items: 100)
        let notice: JSON = [
            "id": "wamid.moved", "from": "15550100009", "type": "system",
            "system": ["type": "user_changed_number", "body": "moved", "wa_id": "15550100010"],
        ]
        #expect(queue.append(entry("moved", ["messages": [notice]])))
        fill(queue)
        try await withThrowingTaskGroup(of: IngestQueue.Batch.self) { group in
            for _ in 0..<2 { group.addTask { await queue.next(items: 100) } }
            queue.done(first)
            let batch = try #require(await group.next())
            #expect(try names(batch) == ["moved"] + (0..<IngestQueue.worthABatch).map(String.init))
            #expect(queue.append(entry("after", items: IngestQueue.worthABatch, from: "15550100003")))
            queue.done(batch)
            let next = try #require(await group.next())
            #expect(try names(next) == ["after"])
        }
    }

    @Test(arguments: Engines.all)
    func `several transactions at a time keep the order of each customer's messages`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let ingest = harness.gateway.ingest
            let customers = (0..<12).map { "1555010\(1000 + $0)" }
            let each = 100
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await ingest.run() }
                for number in 0..<each {
                    for customer in customers {
                        let message = harness.text("\(number)", from: customer, id: "wamid.\(customer).\(number)")
                        let body = Harness.webhook(["messages": [message]]).encoded()
                        let received = ReceivedWebhook(body: body, receivedAt: harness.clock.now)
                        #expect(ingest.queue.append(IngestQueue.Entry(webhook: received) { _ in }))
                    }
                    // The writers come in between.
                    if number % 5 == 0 { await Task.yield() }
                }
                ingest.queue.close()
                try await group.waitForAll()
            }
            for customer in customers {
                let history = try await harness.history(customer)
                let texts = history.sorted { $0.sequence < $1.sequence }.map(\.text)
                #expect(texts == (0..<each).map(String.init))
            }
        }
    }

    @Test(arguments: Engines.all)
    func `what waits at a stop is stored and answered, what comes later is refused`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let ingest = harness.gateway.ingest
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let message = harness.text("Hi", from: "15550100001", id: "wamid.\(number)")
                    group.addTask { try await harness.receive(messages: [message]) }
                }
                try await harness.wait("the webhooks do not queue up") { ingest.queue.depth == 20 }
                ingest.queue.close()
                group.addTask { try await ingest.run() }
                try await group.waitForAll()
            }
            #expect(try await harness.history("15550100001").count == 20)
            let late = harness.text("late", from: "15550100001", id: "wamid.late")
            let error = await #expect(throws: GatewayError.self) { try await harness.receive(messages: [late]) }
            #expect(error?.code == .unavailable)
        }
    }
}
