import Fetch
import Foundation
import JSON
import LiveKitStandIn
import Testing

/// The program beside a LiveKit server that checks what it is given.
@Suite(.timeLimit(.minutes(10))) struct LiveKitTests {
    private static let customer = "+15550100001"
    private static let room = "whatsapp_15550100001"

    private static func settings(_ server: StandInLiveKit) -> [String: String] {
        ["LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret]
    }

    @Test(arguments: Storage.engines)
    func `a customer writes: the room is there, the agent comes, and those who have joined hear it`(
        _ storage: Storage
    ) async throws {
        let server = try await StandInLiveKit.start()
        try await server.control("agents", ["names": ["helper"]])
        var environment = Self.settings(server)
        environment["LIVEKIT_AGENT_NAME"] = "helper"
        try await Site.run(storage, environment: environment) { site in
            try await server.control("webhooks", ["url": .string(site.base + "/livekit/webhook")])
            _ = try await site.meta.say("Are you open?", from: Self.customer)
            // LiveKit's webhooks tell of the agent.
            try await eventually("the agent is in the room") {
                let present = try await site.get("/rooms/\(Self.room)/participants").json.array ?? []
                return present.contains { $0["kind"]?.string == "agent" && $0["agent"]?.bool == true } ? true : nil
            }
            let answer = try await site.call(
                "POST", "/rooms/\(Self.room)/token", ["identity": "ana", "name": "Ana", "kind": "agent"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["url"]?.string == server.url && answer.json["room"]?.string == Self.room)
            let token = try #require(answer.json["token"])
            let verdict = try await server.control("verify", ["token": token])
            #expect(verdict["claims"]?["identity"]?.string == "ana", "\(verdict)")

            try await server.join(Self.room, "ana")
            try await eventually("ana is in the room") {
                let present = try await site.get("/rooms/\(Self.room)/participants").json.array ?? []
                return present.contains { $0["identity"]?.string == "ana" } ? true : nil
            }
            _ = try await site.meta.say("Hello?", from: Self.customer)
            let told = try await eventually("the packet comes") {
                try await server.packets(Self.room).compactMap { packet -> JSON? in
                    let data = packet["data"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()
                    return try JSON(parsing: data)
                }.first { $0["data"]?["text"]?.string == "Hello?" }
            }
            #expect(told["type"]?.string == "message.received" && told["room"]?.string == Self.room)
            #expect(try await server.calls("RoomService/CreateRoom").count == 1)
            #expect(try await site.get("/ready").json["status"]?.string == "ready")
            let dependencies = try await site.get("/ready").json["dependencies"]?.array ?? []
            #expect(dependencies.contains { $0["name"]?.string == "livekit" && $0["ok"]?.bool == true })
        }
    }

    @Test func `LiveKit away costs a customer nothing, and shows in readiness`() async throws {
        let environment = [
            "LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "a-secret-of-nobody",
        ]
        try await Site.run(.sqlite, environment: environment) { site in
            for number in 1...5 { _ = try await site.meta.say("Message \(number)", from: Self.customer) }
            try await site.messages(Self.customer, "all five") { $0.count == 5 }
            let ready = try await site.get("/ready")
            #expect(ready.status == 200 && ready.json["status"]?.string == "degraded")
            let sent = try await site.call("POST", "/whatsapp/send", ["phoneNumber": "15550100001", "text": "Yes"])
            #expect(sent.status == 200, "\(sent.text)")
            let doctor = try await site.command(["doctor"])
            #expect(doctor.output.contains("\nfail  livekit") && doctor.output.contains("LIVEKIT_URL"))
        }
    }

    @Test func `the doctor and the routes say what is wrong with LiveKit's settings`() async throws {
        let server = try await StandInLiveKit.start()
        try await Site.run(.sqlite) { site in
            _ = try await site.meta.say("Hi", from: Self.customer)
            try await site.messages(Self.customer, "one") { $0.count == 1 }
            for (method, path) in [
                ("POST", "/rooms/\(Self.room)/token"), ("GET", "/rooms/\(Self.room)/participants"),
                ("POST", "/livekit/webhook"),
            ] {
                let answer = try await site.call(method, path, method == "POST" ? ["identity": "ana"] : nil)
                #expect(answer.status == 404 && answer.errorCode == "CONFIG_NOT_FOUND", "\(path): \(answer.text)")
            }
            let healthy = try await site.command(["doctor"], environment: Self.settings(server))
            #expect(healthy.output.contains("\nok    livekit"), "\(healthy.output)")
            #expect(!healthy.output.contains(server.secret))
            var wrong = Self.settings(server)
            wrong["LIVEKIT_API_SECRET"] = "another-secret-0123456789"
            let refused = try await site.command(["doctor"], environment: wrong)
            #expect(refused.output.contains("\nfail  livekit") && refused.output.contains("LIVEKIT_API_SECRET"))
            #expect(!refused.output.contains("another-secret"))
            let half = try await site.command(["doctor"], environment: ["LIVEKIT_URL": server.url])
            #expect(half.ending == .exit(1) && half.output.contains("LIVEKIT_API_KEY"))
        }
    }

    @Test func `a token is asked for properly, by who has a key`() async throws {
        let server = try await StandInLiveKit.start()
        var environment = Self.settings(server)
        environment["API_KEYS"] = "a-key-for-the-tests-0123"
        try await Site.run(.sqlite, environment: environment) { site in
            let key = [("X-API-Key", "a-key-for-the-tests-0123")]
            _ = try await site.meta.say("Hi", from: Self.customer)
            try await eventually("the room is there") {
                try await site.get("/rooms/\(Self.room)", headers: key).status == 200 ? true : nil
            }
            let path = "/rooms/\(Self.room)/token"
            #expect(try await site.call("POST", path, ["identity": "ana"]).status == 401)
            #expect(try await site.get("/rooms/\(Self.room)/participants").status == 401)
            for body: JSON in [
                [:], ["identity": ""], ["identity": "ana", "kind": "admin"], ["identity": "ana", "ttl": 0],
                ["identity": "ana", "ttl": 86401], ["identity": "ana", "agents": [["metadata": "x"]]],
                ["identity": "ana", "grants": [:]],
            ] {
                let answer = try await site.call("POST", path, body, headers: key)
                #expect(answer.status == 400 && answer.errorCode == "BAD_REQUEST", "\(body): \(answer.text)")
            }
            let unknown = try await site.call("POST", "/rooms/whatsapp_1/token", ["identity": "a"], headers: key)
            #expect(unknown.status == 404 && unknown.errorCode == "NOT_FOUND")
            // The webhook needs LiveKit's signature, and no key helps.
            let forged = try await site.call("POST", "/livekit/webhook", ["event": "room_started"], headers: key)
            #expect(forged.status == 401 && forged.errorCode == "WEBHOOK_VERIFICATION_FAILED")
        }
    }
}
