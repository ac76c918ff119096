import Fetch
import JSON
import Testing

/// Typing and read marks, as they go to WhatsApp and as they come from there.
@Suite(.timeLimit(.minutes(10))) struct ReceiptTests {
    private static let path = "/rooms/\(SocketTests.room)"

    private static func mark(_ id: String, typing: Bool) -> JSON {
        var body: JSONObject = ["messaging_product": "whatsapp", "status": "read", "message_id": .string(id)]
        if typing { body["typing_indicator"] = ["type": "text"] }
        return .object(body)
    }

    @Test(arguments: Storage.engines)
    func `typing and reading tell WhatsApp of the customer's last message, and a note tells it nothing`(
        _ storage: Storage
    ) async throws {
        let meta = GraphRecorder()
        defer { meta.stop() }
        try await SocketTests.run(storage, environment: ["WHATSAPP_GRAPH_URL": meta.origin]) { site in
            let last = Webhooks.text("Anybody there?", id: "wamid.last", from: SocketTests.phone)
            #expect(try await site.postWebhook(last).status == 200)
            let note: JSON = ["text": "Busy customer", "private": true]
            #expect(try await site.call("POST", "\(Self.path)/messages", note).status == 202)
            let socket = try SocketClient(site.base, "\(Self.path)/ws")
            #expect(try await site.get(Self.path).json["unreadCount"] == 2)

            #expect(try await site.call("POST", "\(Self.path)/typing").status == 200)
            #expect(meta.bodies.first == Self.mark("wamid.last", typing: true))
            try await eventually("WhatsApp is told of the reading, too") {
                meta.bodies.contains(Self.mark("wamid.last", typing: false)) ? true : nil
            }
            #expect(meta.paths == ["/v21.0/200000000000101/messages"])
            #expect(!meta.bodies.contains { $0.text.contains("Busy") })
            #expect(try await site.get(Self.path).json["unreadCount"] == 0)
            var told: [JSON] = []
            for _ in 0..<3 { told.append(await socket.text()) }
            #expect(told.map(\.["type"]) == ["message.read", "message.read", "room.updated"])
            #expect(told.map { $0["data"]?["direction"] } == ["incoming", "incoming", nil])
            #expect(told.last?["data"]?["unreadCount"] == 0 && told.last?["data"]?["changed"] == ["unreadCount"])
        }
    }

    @Test(arguments: Storage.engines)
    func `what the customer read is told in the room`(_ storage: Storage) async throws {
        let meta = GraphRecorder()
        defer { meta.stop() }
        try await SocketTests.run(storage, environment: ["WHATSAPP_GRAPH_URL": meta.origin]) { site in
            let socket = try SocketClient(site.base, "\(Self.path)/ws")
            #expect(try await site.call("POST", "\(Self.path)/messages", ["text": "Yes."]).status == 202)
            var events: [JSON] = []
            while events.last?["type"] != "message.sent" {
                events.append(await socket.text())
                try #require(events.last != .null)
            }
            let wamid = try #require(events.last?["data"]?["whatsappMessageId"]?.string)
            for status in ["delivered", "read"] {
                let report: JSON = [
                    "id": .string(wamid), "status": .string(status), "timestamp": "1795242303",
                    "recipient_id": .string(SocketTests.phone),
                ]
                #expect(try await site.postWebhook(Webhooks.value(["statuses": [report]])).status == 200)
                let event = await socket.text()
                #expect(event["type"]?.string == "message.\(status)" && event["data"]?["text"] == "Yes.")
                #expect(event["data"]?["direction"] == "outgoing")
            }
        }
    }
}
