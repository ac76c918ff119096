import Fetch
import Foundation
import JSON
import Synchronization
import Testing

/// Events told to a chat backend's own address, which checks them with the public library of Standard Webhooks.
@Suite(.timeLimit(.minutes(10)), .enabled(if: EndpointReceiver.isInstalled, EndpointReceiver.hint))
struct EndpointTests {
    /// A server that may tell the receiver.
    static func run(
        _ storage: Storage, _ body: @Sendable (Site, EndpointReceiver) async throws -> Void
    ) async throws {
        try await EndpointReceiver.run { receiver in
            let allowed = ["MEDIA_FETCH_ALLOW": "127.0.0.1:\(receiver.port)"]
            try await SocketTests.run(storage, environment: allowed) { site in try await body(site, receiver) }
        }
    }

    static func create(_ site: Site, _ receiver: EndpointReceiver, _ more: JSONObject = [:]) async throws
        -> String
    {
        var body: JSONObject = ["url": .string(receiver.url), "secret": .string(EndpointReceiver.secret)]
        for (name, value) in more { body[name] = value }
        let answer = try await site.call("POST", "/webhooks/endpoints", .object(body))
        #expect(answer.status == 201 && answer.json["secret"]?.string == EndpointReceiver.secret)
        return try #require(answer.json["id"]?.string)
    }

    private static func write(_ site: Site, _ numbers: Range<Int>, from phone: String = SocketTests.phone) async throws
    {
        for number in numbers {
            let webhook = Webhooks.text("\(number)", id: "wamid.\(phone).\(number)", from: phone)
            #expect(try await site.postWebhook(webhook).status == 200)
        }
    }

    @Test(arguments: Storage.engines)
    func `an endpoint is told everything once, in the order of its room, with signatures that anybody can check`(
        _ storage: Storage
    ) async throws {
        try await Self.run(storage) { site, receiver in
            let id = try await Self.create(site, receiver)
            try await receiver.behave(status: 500)
            try await Self.write(site, 0..<1)
            try await eventually("the first try fails") {
                let log = try await site.get("/webhooks/endpoints/\(id)/deliveries").json["deliveries"]
                return log?.array?.isEmpty == false ? true : nil
            }
            // What it was to be told is with the next server, though this one is gone at once.
            await site.kill()
            try await receiver.behave(status: 200)
            try await site.start()
            try await Self.write(site, 1..<10)
            try await Self.write(site, 0..<10, from: "15550100002")
            let taken = try await eventually("all have come") { () -> [JSON]? in
                let taken = try await receiver.received().filter { $0["status"]?.int == 200 }
                return taken.count >= 21 ? taken : nil
            }
            #expect(taken.allSatisfy { $0["verified"] == true })
            for (room, first) in [(SocketTests.room, 2), ("whatsapp_15550100002", 0)] {
                let sequences = taken.filter { $0["room"]?.string == room }.map { $0["sequence"]?.int ?? 0 }
                #expect(sequences == (first...(first == 0 ? 10 : 11)).map(Int64.init))
            }
            #expect(Set(taken.map { $0["id"] }).count == taken.count)
            // What came is noted after it has come.
            let deliveries = try await eventually("all are noted") { () -> [JSON]? in
                let log = try await site.get("/webhooks/endpoints/\(id)/deliveries?limit=1000").json["deliveries"]
                let deliveries = log?.array ?? []
                return deliveries.count { $0["outcome"] == "delivered" } >= 21 ? deliveries : nil
            }
            #expect(deliveries.count { $0["outcome"] == "delivered" } == 21)
            let retried = deliveries.filter { $0["outcome"] == "retried" }
            #expect(!retried.isEmpty && retried.allSatisfy { $0["status"]?.int == 500 })
        }
    }

    @Test(arguments: Storage.engines)
    func `a reply goes into the room, what is asked for again comes again, and a test says what came of it`(
        _ storage: Storage
    ) async throws {
        try await Self.run(storage) { site, receiver in
            try await receiver.behave(status: 200, reply: ["text": "A person will be with you."])
            let id = try await Self.create(site, receiver, ["events": ["message.received"], "account": "default"])
            try await Self.write(site, 1..<2)
            try await site.messages(SocketTests.phone, "the reply is there") {
                $0.contains { $0["text"] == "A person will be with you." }
            }
            let first = try await receiver.received()
            #expect(first.map { $0["type"] } == ["message.received"])

            let test = try await site.call("POST", "/webhooks/endpoints/\(id)/test")
            #expect(test.status == 200 && test.json["delivered"] == true && test.json["status"]?.int == 200)
            #expect(try await receiver.received().last?["type"] == "webhook.test")

            let replayed = try await site.call("POST", "/webhooks/endpoints/\(id)/replay", ["since": 0])
            #expect(replayed.status == 200)
            let again = try await eventually("both have come again") { () -> [JSON]? in
                let all = try await receiver.received().filter { $0["type"] == "message.received" }
                return all.count >= 3 ? all : nil
            }
            // The one from before the endpoint, and the one it had: under the same id, so its reply is not said again.
            #expect(again.map { $0["sequence"]?.int } == [2, 1, 2] && again[0]["id"] == again[2]["id"])
            try await site.messages(SocketTests.phone, "the first one is answered too") {
                $0.count { $0["text"] == "A person will be with you." } == 2
            }
            #expect(try await receiver.received().allSatisfy { $0["verified"] == true })
        }
    }

    @Test func `endpoints are listed without their secret, changed, paused and removed`() async throws {
        try await Self.run(.sqlite) { site, receiver in
            let made = try await site.call("POST", "/webhooks/endpoints", ["url": .string(receiver.url)])
            let id = try #require(made.json["id"]?.string)
            #expect(made.json["secret"]?.string?.hasPrefix("whsec_") == true && made.json["state"] == "active")
            let path = "/webhooks/endpoints/\(id)"
            let listed = try await site.get("/webhooks/endpoints").json["endpoints"]
            #expect(listed?.array?.count == 1 && listed?[0]?["secret"] == nil && listed?[0]?["id"]?.string == id)
            let rotated = try await site.call("POST", path + "/rotate", ["secret": .string(EndpointReceiver.secret)])
            #expect(rotated.status == 200 && rotated.json["secret"]?.string == EndpointReceiver.secret)
            #expect(try await site.get(path).json["secret"] == nil)
            let changed = try await site.call(
                "PATCH", path, ["events": ["room.created"], "state": "disabled"])
            #expect(changed.json["state"] == "disabled" && changed.json["events"] == ["room.created"])
            try await Self.write(site, 0..<1, from: "15550100009")
            #expect(try await site.call("PATCH", path, ["state": "active"]).json["disabledReason"] == nil)
            try await eventually("what happened meanwhile is told") {
                try await receiver.received().contains { $0["room"] == "whatsapp_15550100009" } ? true : nil
            }
            #expect(try await site.call("DELETE", path).status == 200)
            #expect(try await site.get(path).status == 404)
            for (body, field) in [
                (["url": "ftp://example.org"], "url"), (["url": "https://u:p@example.org/"], "url"), ([:], "url"),
                (["url": "https://example.org", "secret": "whsec_AAAA"], "secret"),
                (["url": "https://example.org", "events": ["dance"]], "events"),
                (["url": "http://127.0.0.1:1/"], "url"), (["url": "http://169.254.169.254/latest"], "url"),
                (["url": "http://[::ffff:10.0.0.1]/"], "url"), (["url": "http://0x7f000001/"], "url"),
            ] as [(JSON, String)] {
                let refused = try await site.call("POST", "/webhooks/endpoints", body)
                #expect(refused.status == 400 && refused.json["error"]?["data"]?["field"]?.string == field, "\(body)")
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `a name is judged by its address when something is sent, and a redirect is not followed`(
        _ storage: Storage
    ) async throws {
        try await Self.run(storage) { site, receiver in
            let id = try await Self.create(site, receiver, ["url": "http://localhost/"])
            let path = "/webhooks/endpoints/\(id)"
            let test = try await site.call("POST", path + "/test").json
            #expect(test["delivered"] == false && test["error"] == "its address is not a public one")
            let moved = try await site.call("PATCH", path, ["url": .string(receiver.url + "/redirect")])
            #expect(moved.status == 200)
            let redirected = try await site.call("POST", path + "/test").json
            #expect(redirected["delivered"] == false && redirected["status"]?.int == 307)
            #expect(try await receiver.received().isEmpty)
            let large = try await site.call("PATCH", path, ["url": .string(receiver.url + "/large")])
            #expect(large.status == 200)
            #expect(try await site.call("POST", path + "/test").json["error"] == "its answer is too large")
        }
    }

    @Test(arguments: Storage.engines)
    func `an endpoint that takes a connection and never answers keeps nobody else waiting`(
        _ storage: Storage
    ) async throws {
        let calls = Mutex(0)
        let letGo = DispatchSemaphore(value: 0)
        let hanging = LoopbackListener { connection in
            guard LoopbackListener.target(of: connection) != nil else { return }
            calls.withLock { $0 += 1 }
            letGo.wait()
        }
        defer {
            hanging.stop()
            for _ in 0..<10_000 { letGo.signal() }
        }
        try await EndpointReceiver.run { receiver in
            let allowed = ["MEDIA_FETCH_ALLOW": "127.0.0.1:\(receiver.port),127.0.0.1:\(hanging.port)"]
            try await SocketTests.run(storage, environment: allowed) { site in
                let made = try await site.call("POST", "/webhooks/endpoints", ["url": .string(hanging.origin + "/")])
                let id = try #require(made.json["id"]?.string)
                _ = try await Self.create(site, receiver)
                let phones = (10..<40).map { "155501000\($0)" }
                for phone in phones { try await Self.write(site, 0..<1, from: phone) }
                try await eventually("it hangs") { calls.withLock { $0 } >= 1 ? true : nil }
                let socket = try SocketClient(site.base, "/ws?account=default")
                for phone in phones { try await Self.write(site, 1..<3, from: phone) }
                let sent = try await site.call(
                    "POST", "/rooms/\(SocketTests.room)/messages", ["text": "We are here."])
                #expect(sent.status == 202)
                while true {
                    let event = await socket.text()
                    try #require(event != .null)
                    if event["type"] == "message.sent" { break }
                }
                let told = try await eventually("the other endpoint is told everything") { () -> [JSON]? in
                    let all = try await receiver.received()
                    return all.count { $0["type"] == "message.received" } >= 3 * phones.count ? all : nil
                }
                for phone in phones {
                    let events = told.filter { $0["room"]?.string == "whatsapp_\(phone)" && $0["sequence"]?.int != nil }
                    #expect(events.map { $0["sequence"]?.int } == [1, 2, 3])
                }
                #expect(told.allSatisfy { $0["verified"] == true })
                // Removed, it has nothing more to be told, and what hangs holds up no stop.
                #expect(try await site.call("DELETE", "/webhooks/endpoints/\(id)").status == 200)
                #expect(try await site.stop() == .exit(0))
            }
        }
    }
}
