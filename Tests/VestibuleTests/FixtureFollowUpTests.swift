import Fetch
import Foundation
import JSON
import SQL
import Testing

/// Old media that follow the placeholders of a history.
@Suite(.timeLimit(.minutes(5)))
struct FixtureFollowUpTests {
    private static let customer = "15550100001"
    private static let picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    @Test(arguments: Storage.engines)
    func `media that follow a placeholder take its place and are fetched`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let placeholder: JSONObject = ["type": "media_placeholder", "history_context": ["status": "READ"]]
            let withoutID: JSONObject = ["type": "image", "image": ["mime_type": "image/png", "caption": "Old"]]
            let chunk = MadeWebhook.history(
                thread: Self.customer,
                [
                    MadeWebhook.message("wamid.theirs", from: Self.customer, placeholder),
                    MadeWebhook.message("wamid.ours", from: MadeWebhook.business, placeholder),
                    MadeWebhook.message("wamid.bare", from: Self.customer, withoutID),
                    MadeWebhook.message("wamid.last", from: Self.customer, ["type": "text", "text": ["body": "So?"]]),
                ])
            try await site.receive(chunk)
            let before = try await site.messages(Self.customer)
            #expect(before.map { $0["type"] } == ["unsupported", "unsupported", "image", "text"])
            #expect(before.map { $0["direction"] } == ["incoming", "outgoing", "incoming", "incoming"])

            let image: JSONObject = ["type": "image", "image": ["id": .string(try await Self.upload(to: site))]]
            // What the business sent bears no customer: the message it belongs to is known by its id alone.
            let followUps = MadeWebhook.body(
                "history",
                [
                    "messages": [
                        MadeWebhook.message("wamid.theirs", from: Self.customer, image),
                        MadeWebhook.message("wamid.ours", from: MadeWebhook.business, image),
                        MadeWebhook.message("wamid.bare", from: Self.customer, image),
                    ]
                ])
            try await site.receive(followUps)
            let after = try await site.messages(Self.customer, "all media are there") { messages in
                messages.count { $0["mediaStatus"] == "ready" } == 3
            }
            #expect(after.map { $0["type"] } == ["image", "image", "image", "text"])
            #expect(after.map { $0["sequence"] } == before.map { $0["sequence"] })
            #expect(after.map { $0["messageId"] } == before.map { $0["messageId"] })
            #expect(after.map { $0["status"] } == before.map { $0["status"] })
            #expect(after.allSatisfy { $0["unsupported"] == nil && $0["mediaReason"] == nil })
            #expect(after[2]["caption"] == "Old")
            let url = try #require(after[1]["mediaUrl"]?.string)
            #expect(try await Array(Data(base64Encoded: Self.picture) ?? Data()) == site.get(url).body)

            // Again, and the placeholders after the media: nothing more happens.
            let dump = try await site.stores.withDatabase { try await FixtureDump($0) }
            for body in [followUps, chunk] { try await site.receive(body) }
            #expect(try await site.stores.withDatabase { try await FixtureDump($0) } == dump)
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM jobs") == 0)
            #expect(
                try await site.stores.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'processed'") == 2)
        }
    }

    @Test(arguments: Storage.engines)
    func `media come before their placeholder, with it, or without any`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let image: JSONObject = ["type": "image", "image": ["id": .string(try await Self.upload(to: site))]]
            func media(_ id: String, _ from: String) -> JSON { MadeWebhook.message(id, from: from, image) }
            func placeholder(_ id: String) -> JSON {
                MadeWebhook.message(id, from: Self.customer, ["type": "media_placeholder"])
            }
            try await site.receive(MadeWebhook.body("history", ["messages": [media("wamid.first", Self.customer)]]))
            try await site.receive(MadeWebhook.history(thread: Self.customer, [placeholder("wamid.first")]))
            try await site.receive(
                MadeWebhook.body(
                    "history",
                    [
                        "history": [
                            ["threads": [["id": .string(Self.customer), "messages": [placeholder("wamid.both")]]]]
                        ],
                        "messages": [media("wamid.both", Self.customer)],
                    ]))
            let messages = try await site.messages(Self.customer, "both media are there") { messages in
                messages.count { $0["mediaStatus"] == "ready" } == 2
            }
            #expect(messages.map { $0["type"] } == ["image", "image"])

            try await site.receive(
                MadeWebhook.body("history", ["messages": [media("wamid.stray", MadeWebhook.business)]]))
            let events = try await site.stores.rows("SELECT reason FROM webhook_events WHERE state = 'partial'")
            #expect(try events.map { try $0.text("reason") } == ["a message that names no customer"])
        }
    }

    /// - Returns: the id of a picture that Meta has.
    private static func upload(to site: Site) async throws -> String {
        let settings = site.simulator.settings
        var request = FetchRequest(
            method: "POST", url: "\(site.metaBase)/v21.0/\(settings.phoneNumberID)/media",
            headers: [("Authorization", "Bearer \(settings.accessToken)")])
        request.body = .multipart([
            FetchPart(name: "messaging_product", content: .bytes(Array("whatsapp".utf8))),
            FetchPart(
                name: "file", content: .bytes(Array(Data(base64Encoded: picture) ?? Data())), fileName: "dot.png",
                contentType: "image/png"),
            FetchPart(name: "type", content: .bytes(Array("image/png".utf8))),
        ])
        return try #require(try await site.fetch.send(request).json["id"]?.string)
    }
}
