import Fetch
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(5)))
struct DeliveryTests {
    @Test func `up to so many updates share a POST`() async throws {
        try await Lab.run { lab in
            try await lab.client.setDelivery(["batch": 5, "batchWindowMs": 60_000])
            for number in 1...12 { _ = try await lab.client.say("\(number)", from: "1555010000\(number % 10)") }
            await lab.receiver.wait(items: 10)
            // Setting the options again sends off what waits for company.
            try await lab.client.setDelivery(["batch": 5])
            await lab.receiver.wait(items: 12)
            // On a machine so slow that the window's minute ends in between, a POST may hold less, but never more.
            #expect(lab.receiver.posts.allSatisfy { (1...5).contains($0.items.count) })
            #expect(lab.receiver.posts.contains { $0.items.count == 5 })
            #expect(lab.receiver.items.map { $0["text"]?["body"]?.string } == (1...12).map { "\($0)" })
            #expect(lab.receiver.posts.allSatisfy { $0.isSigned })
        }
    }

    @Test func `duplicates repeat the same bytes`() async throws {
        try await Lab.run { lab in
            try await lab.client.setDelivery(["duplicates": 2])
            _ = try await lab.client.say("thrice", from: "15550100001")
            await lab.receiver.wait(posts: 3)
            #expect(Set(lab.receiver.posts.map(\.body)).count == 1)
        }
    }

    @Test func `shuffled updates all come, in another order, each as often as asked`() async throws {
        try await Lab.run { lab in
            try await lab.client.setDelivery([
                "shuffle": true, "seed": 7, "duplicates": 1, "batch": 3, "paused": true, "batchWindowMs": 1000,
            ])
            var ids: [String] = []
            for number in 1...20 { ids.append(try await lab.client.say("\(number)", from: "15550100001")) }
            try await lab.client.setDelivery(["shuffle": true, "seed": 7, "duplicates": 1, "batch": 3])
            await lab.receiver.wait(items: 40)
            let came = lab.receiver.items.compactMap { $0["id"]?.string }
            #expect(came.sorted() == (ids + ids).sorted())
            #expect(came != ids + ids)
        }
    }

    @Test func `what is not answered with 200 is posted again, the same bytes, until it is`() async throws {
        try await Lab.run { lab in
            lab.receiver.answer(with: [500, 503, 204])
            try await lab.client.setDelivery(["retryGapMs": 1])
            _ = try await lab.client.say("again", from: "15550100001")
            await lab.receiver.wait(posts: 4)
            #expect(Set(lab.receiver.posts.map(\.body)).count == 1)
            let logged = try await lab.settledWebhook()
            #expect(logged["state"] == "delivered")
            #expect(logged["attempts"]?.array?.map { $0["status"]?.int } == [500, 503, 204, 200])
        }
    }

    @Test func `after the last retry a POST is given up`() async throws {
        try await Lab.run { lab in
            lab.receiver.answer(with: [500, 500, 500])
            try await lab.client.setDelivery(["retries": 2, "retryGapMs": 1])
            _ = try await lab.client.say("never", from: "15550100001")
            await lab.receiver.wait(posts: 3)
            #expect(try await lab.settledWebhook()["state"] == "given up")
        }
    }

    @Test func `nothing is posted while paused, and everything in order afterwards`() async throws {
        try await Lab.run { lab in
            try await lab.client.setDelivery(["paused": true])
            for number in 1...5 { _ = try await lab.client.say("\(number)", from: "15550100001") }
            #expect(try await lab.client.state()["webhooks"]?["pending"] == 5)
            #expect(lab.receiver.posts.isEmpty)
            try await lab.client.setDelivery([:])
            await lab.receiver.wait(items: 5)
            #expect(lab.receiver.items.map { $0["text"]?["body"]?.string } == ["1", "2", "3", "4", "5"])
        }
    }

    @Test func `any payload can be posted, signed, unsigned or wrongly signed`() async throws {
        try await Lab.run { lab in
            let body: JSON = ["object": "page", "entry": []]
            let right = try await lab.client.postWebhook(body)
            #expect(right["status"] == 200)
            #expect(try await lab.client.postWebhook(body, sign: "wrong")["status"] == 401)
            #expect(try await lab.client.postWebhook(body, sign: false)["status"] == 401)
            #expect(try await lab.client.postWebhook("not json")["status"] == 200)
            #expect(lab.receiver.posts.last?.body == Array("not json".utf8))
            #expect(lab.receiver.posts[2].headers["x-hub-signature-256"] == nil)
        }
    }

    @Test func `an address is set only if it answers the verification, when that is asked for`() async throws {
        try await Lab.run {
            $0.webhookURL = nil
        } _: { lab in
            try await lab.client.setWebhook(url: lab.receiver.url, verify: true)
            let error = await #expect(throws: SimulatorClientError.self) {
                try await lab.client.setWebhook(url: lab.receiver.url + "2", verifyToken: "other", verify: true)
            }
            #expect(error?.status == 422 && error?.message.contains("403") == true)
            _ = try await lab.client.say("here", from: "15550100001")
            await lab.receiver.wait(posts: 1)
            #expect(lab.receiver.posts[0].target == "/whatsapp/webhook")
        }
    }

    @Test func `a reset forgets phones, messages, faults and what waits`() async throws {
        try await Lab.run { lab in
            try await lab.client.setDelivery(["paused": true])
            _ = try await lab.client.say("gone", from: "15550100001")
            try await lab.client.fault(action: ["code": 4])
            try await lab.client.reset()
            let state = try await lab.client.state()
            #expect(state["phones"] == 0 && state["faults"] == 0)
            #expect(state["messages"]?["kept"] == 0 && state["webhooks"]?["pending"] == 0)
            _ = try await lab.client.say("new", from: "15550100001")
            await lab.receiver.wait(posts: 1)
            #expect(lab.receiver.items.map { $0["text"]?["body"]?.string } == ["new"])
        }
    }

    @Test func `web pages may not use the control API`() async throws {
        try await Lab.run { lab in
            var request = FetchRequest(url: lab.base + "/sim/state")
            request.headers = [("Origin", "https://evil.example")]
            let foreign = try await lab.fetch.send(request)
            #expect(foreign.status == 403)
            request.headers = [("Origin", lab.base)]
            #expect(try await lab.fetch.send(request).status == 200)
        }
    }
}

extension Lab {
    /// The first webhook's log entry once it is over; the log is written just after the answer has come.
    func settledWebhook() async throws -> JSON {
        while true {
            let entry = try #require(try await client.webhooks().first)
            if entry["state"] != "waiting", entry["state"] != "retrying" { return entry }
            await Task.yield()
        }
    }
}
