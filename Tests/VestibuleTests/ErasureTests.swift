import Fetch
import Foundation
import JSON
import SQL
import Testing

@testable import Simulator

/// What is erased is gone from every store, and stays away.
@Suite(.timeLimit(.minutes(15))) struct ErasureTests {
    private static let phone = "+15550100001"
    private static let other = "+15550100002"
    private static let room = "whatsapp_15550100001"

    private static func text(_ body: String, _ id: String, from phone: String = "15550100001") -> JSON {
        [
            "from": .string(phone), "id": .string(id), "type": "text", "text": ["body": .string(body)],
            "timestamp": .string(String(Int(Date().timeIntervalSince1970))),
        ]
    }

    private func post(_ body: [UInt8], _ site: Site) async throws {
        #expect(try await site.postWebhook(body).status == 200)
    }

    /// How many rows hold this text, in whatever table and column.
    private func traces(of text: String, _ site: Site) async throws -> Int64 {
        let places = [
            ("whatsapp_messages", "text"), ("whatsapp_messages", "caption"), ("chat_messages", "text"),
            ("chat_messages", "caption"), ("jobs", "payload"), ("events", "data"), ("message_changes", "payload"),
            ("contacts", "name"), ("contacts", "wa_id"), ("contact_aliases", "value"), ("rooms", "phone_number"),
            ("message_statuses", "whatsapp_message_id"), ("search_messages", "words"), ("search_rooms", "words"),
        ]
        var count: Int64 = 0
        for (table, column) in places {
            count += try await site.stores.count(
                "SELECT COUNT(*) AS n FROM \(table) WHERE CAST(\(column) AS TEXT) LIKE $1", [.text("%\(text)%")])
        }
        for row in try await site.stores.rows("SELECT body FROM webhook_events")
        where String(decoding: try row.bytes("body"), as: UTF8.self).contains(text) {
            count += 1
        }
        guard site.stores.mongoURI != nil else { return count }
        for collection in ["whatsappMessages", "chatMessages"] {
            for document in try await site.stores.documents(collection) where "\(document)".contains(text) {
                count += 1
            }
        }
        return count
    }

    private func expectGone(_ text: String, _ site: Site) async throws {
        try await eventually("nothing is left of \(text)") { try await traces(of: text, site) == 0 ? true : nil }
    }

    private func files(_ site: Site) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: site.uploads.appending(path: "whatsapp").path).count {
            !$0.hasPrefix(".")
        }
    }

    private func texts(_ site: Site, _ query: String = "") async throws -> [String] {
        try await site.get("/rooms/\(Self.room)/messages\(query)").json.array?.compactMap { $0["text"]?.string } ?? []
    }

    @Test(arguments: Storage.available)
    func `an erased message is gone everywhere, and comes back by no way`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let body = Webhooks.messages([
                Self.text("first", "wamid.A1"), Self.text("secretword", "wamid.A/2+x=="),
                Self.text("third", "wamid.A3"),
                Self.text("of somebody else", "wamid.B1", from: "15550100002"),
            ])
            try await post(body, site)
            try await site.messages(Self.phone, "are there") { $0.count == 3 }
            let id = try #require(try await site.messages(Self.phone)[1]["messageId"]?.string)
            let reaction: JSON = [
                "from": "15550100001", "id": "wamid.R", "type": "reaction", "timestamp": "1785000000",
                "reaction": ["message_id": "wamid.A/2+x==", "emoji": "🦆"],
            ]
            try await post(Webhooks.messages([reaction]), site)
            if storage == .postgresAndMongo {
                try await eventually("MongoDB has it") {
                    try await site.stores.documents("chatMessages").count == 4 ? true : nil
                }
            }
            #expect(try await traces(of: "secretword", site) > 0)

            #expect(try await site.call("DELETE", "/rooms/\(Self.room)/messages/\(id)").status == 200)
            try await expectGone("secretword", site)
            try await expectGone("🦆", site)
            #expect(try await site.call("DELETE", "/rooms/\(Self.room)/messages/\(id)").status == 404)
            // The others keep their places.
            #expect(try await texts(site) == ["first", "third"])
            #expect(try await texts(site, "?after=1") == ["third"])
            #expect(try await texts(site, "?before=3") == ["first"])

            try await post(body, site)
            try await post(Webhooks.messages([Self.text("secretword", "wamid.A/2+x==")]), site)
            try await post(Webhooks.messages([reaction]), site)
            try await post(
                Webhooks.value(["statuses": [["id": "wamid.A/2+x==", "status": "read", "recipient_id": "15550100001"]]]
                ),
                site)
            let replay = try await site.command(["replay"])
            #expect(replay.ending == .exit(0) && replay.output.contains(" 0 webhooks failed"), "\(replay.output)")
            #expect(try await texts(site) == ["first", "third"])
            try await expectGone("secretword", site)
            try await expectGone("🦆", site)
            #expect(
                try await site.stores.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'failed'") == 0)
            #expect(try await site.messages(Self.other).count == 1)
            if storage == .postgresAndMongo {
                let level = try await site.command(["reconcile"])
                #expect(level.ending == .exit(0), "\(level.output)")
                try await expectGone("secretword", site)
            }
        }
    }

    @Test(arguments: Storage.available)
    func `an erased contact is gone with rooms, files and what is known of it, and may write again`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            let body = Webhooks.value([
                "contacts": [
                    ["wa_id": "15550100001", "profile": ["name": "Ada Secretname"]],
                    ["wa_id": "15550100002", "profile": ["name": "Bob Othername"]],
                ],
                "messages": [
                    Self.text("of the erased", "wamid.A1"), Self.text("of the other", "wamid.B1", from: "15550100002"),
                ],
            ])
            try await post(body, site)
            _ = try await site.meta.sendMedia("image", from: Self.phone)
            try await site.messages(Self.phone, "the picture is there") { messages in
                messages.count == 2 && messages.allSatisfy { $0["mediaStatus"] == nil || $0["mediaStatus"] == "ready" }
            }
            let sent = try await site.call(
                "POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "text": "to the erased"])
            #expect([200, 202].contains(sent.status))
            let picture = try #require(try await site.messages(Self.phone).compactMap { $0["mediaUrl"]?.string }.first)
            #expect(try await site.get(picture).status == 200)
            try await site.messages(Self.phone, "the answer is read or delivered") { $0.count == 3 }

            let answer = try await site.call("DELETE", "/whatsapp/contacts/+15550100001")
            #expect(answer.status == 200 && answer.json["messages"] == 3 && answer.json["rooms"] == 1, "\(answer.text)")
            #expect(try await site.get(picture).status == 404, "served from memory though it is erased")
            for trace in ["of the erased", "Secretname", "to the erased", "15550100001"] {
                try await expectGone(trace, site)
            }
            try await eventually("the file is gone") { try files(site) == 0 ? true : nil }
            #expect(try await site.get("/rooms/\(Self.room)").status == 404)
            #expect(try await site.messages(Self.phone).isEmpty)
            #expect(try await site.call("DELETE", "/whatsapp/contacts/+15550100001").status == 404)
            #expect(try await site.messages(Self.other).count == 1)

            // What Meta delivers again makes no room either.
            try await post(body, site)
            #expect(try await site.command(["replay"]).ending == .exit(0))
            for trace in ["of the erased", "Secretname"] { try await expectGone(trace, site) }
            #expect(try await site.get("/rooms/\(Self.room)").status == 404)
            #expect(try await site.messages(Self.other).count == 1)

            try await post(Webhooks.messages([Self.text("hello again", "wamid.A9")]), site)
            try await site.messages(Self.phone, "the new word is there") { $0.map(\.["text"]) == ["hello again"] }
        }
    }

    @Test(arguments: Storage.engines)
    func `a file that another message has stays until that is erased too`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
            let file = FormPart.file(SampleMedia.of("image")?.bytes ?? [], name: "a.jpg", type: "image/jpeg")
            let path = try #require(try await site.upload([file]).json["mediaUrl"]?.string)
            for _ in 0..<2 {
                let body: JSON = [
                    "phoneNumber": .string(Self.phone), "mediaType": "image", "mediaUrl": .string(path),
                ]
                #expect(try await site.call("POST", "/whatsapp/send", body).status == 200)
            }
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM media_uploads") == 1)
            let ids = try await site.messages(Self.phone).filter { $0["mediaUrl"] != nil }.compactMap {
                $0["messageId"]?.string
            }
            #expect(ids.count == 2)
            let first = try await site.command(["erase", "--room", Self.room, "--message", ids[0]])
            #expect(first.ending == .exit(0) && first.output.contains("1 message erased"), "\(first.errors)")
            #expect(try await site.get(path).status == 200)
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM media_uploads") == 1)
            let second = try await site.command(["erase", "--room", Self.room, "--message", ids[1]])
            #expect(second.ending == .exit(0), "\(second.errors)")
            try await eventually("the file is gone") { try await site.get(path).status == 404 ? true : nil }
            #expect(try files(site) == 0)
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM media_uploads") == 0)
            let contact = try await site.command(["erase", "--phone", Self.phone])
            #expect(
                contact.ending == .exit(0) && contact.output.contains("1 messages and 1 rooms"), "\(contact.output)")
            #expect(try await site.command(["erase", "--phone", Self.phone]).ending != .exit(0))
            #expect(try await site.command(["erase", "--phone", Self.phone, "--room", "x"]).ending != .exit(0))
        }
    }
}
