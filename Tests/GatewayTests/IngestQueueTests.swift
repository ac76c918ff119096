import JSON
import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct IngestQueueTests {
    private func entry(_ text: String, items: Int = 1) -> IngestQueue.Entry {
        let messages = (0..<items).map { index -> JSON in
            ["id": .string("wamid.\(text).\(index)"), "from": "15550100001", "type": "text", "text": ["body": "x"]]
        }
        let body = Harness.webhook(["messages": .array(messages), "name": .string(text)]).encoded()
        return IngestQueue.Entry(webhook: ReceivedWebhook(body: body, receivedAt: 0)) { _ in }
    }

    private func names(_ batch: [IngestQueue.Entry]) throws -> [String] {
        try batch.map { entry in
            let value = try JSON(parsing: entry.webhook.body)["entry"]?[0]?["changes"]?[0]?["value"]
            return try #require(value?["name"]?.string)
        }
    }

    @Test func `it takes as many as its limit and no more until some are taken out`() async {
        let queue = IngestQueue(countLimit: 3)
        #expect((0..<5).map { queue.append(entry("\($0)")) } == [true, true, true, false, false])
        #expect(queue.depth == 3)
        #expect(await queue.next(items: 1).count == 1)
        #expect(queue.append(entry("again")))
        #expect(!queue.append(entry("too many")))
    }

    @Test func `it takes no more bytes than its limit, but for the last that fits in part`() async {
        let size = entry("0").webhook.body.count
        let queue = IngestQueue(countLimit: 100, byteLimit: size * 2 + 1)
        #expect((0..<4).map { queue.append(entry("\($0)")) } == [true, true, true, false])
        #expect(await queue.next(items: 100).count == 3)
        #expect(queue.append(entry("5")), "what was taken out counts no longer")
    }

    @Test func `batches are whole webhooks in the order of their arrival`() async throws {
        let queue = IngestQueue(countLimit: 100)
        for (name, items) in [("a", 2), ("b", 2), ("c", 5), ("d", 9), ("e", 0)] {
            #expect(queue.append(entry(name, items: items)))
        }
        #expect(try names(await queue.next(items: 4)) == ["a", "b"])
        #expect(try names(await queue.next(items: 4)) == ["c"], "one that is larger than a batch comes alone")
        #expect(try names(await queue.next(items: 10)) == ["d", "e"])
        #expect(queue.depth == 0)
    }

    @Test func `a writer that waits is woken by the first entry`() async throws {
        let queue = IngestQueue(countLimit: 10)
        let batch = await withTaskGroup(of: [IngestQueue.Entry].self) { group in
            group.addTask { await queue.next(items: 10) }
            group.addTask {
                #expect(queue.append(entry("first")))
                return []
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(try names(batch) == ["first"])
    }

    @Test func `a closed queue takes nothing, hands out what waits, and then ends`() async throws {
        let queue = IngestQueue(countLimit: 10)
        #expect(queue.append(entry("a")))
        #expect(queue.append(entry("b")))
        queue.close()
        #expect(!queue.append(entry("c")))
        #expect(try names(await queue.next(items: 1)) == ["a"])
        #expect(try names(await queue.next(items: 1)) == ["b"])
        #expect(await queue.next(items: 1).isEmpty)
        #expect(await queue.next(items: 1).isEmpty)
    }

    @Test func `closing wakes a writer that waits`() async {
        let queue = IngestQueue(countLimit: 10)
        await withTaskGroup { group in
            group.addTask { #expect(await queue.next(items: 1).isEmpty) }
            group.addTask { queue.close() }
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
