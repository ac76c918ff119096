import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(10)))
struct SendingTests {
    private static let phone = "+15550100001"
    private static let room = "whatsapp_15550100001"

    /// Opens the window: the customer writes.
    private func open(_ site: Site) async throws -> String {
        let id = try await site.meta.say("Hello", from: Self.phone)
        try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
        return id
    }

    /// Every member of `expected` stands in `actual`, objects compared member by member.
    private func expect(
        _ actual: JSON?, holds expected: JSON, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let members = expected.object else {
            #expect(actual == expected, "\(name)", sourceLocation: sourceLocation)
            return
        }
        for (key, value) in members {
            expect(actual?[key], holds: value, "\(name).\(key)", sourceLocation: sourceLocation)
        }
    }

    @Test func `every kind of content reaches Meta as it was sent, to a number and into a room`() async throws {
        try await Site.run { site in
            let wamid = try await open(site)
            for kind in SendKind.all {
                let text = kind.body.text.replacing("{wamid}", with: wamid)
                var body = try #require(try JSON(parsing: text.utf8).object)
                let roomAnswer = try await site.call("POST", "/rooms/\(Self.room)/messages", .object(body))
                body["phoneNumber"] = .string(Self.phone)
                let answer = try await site.call("POST", "/whatsapp/send", .object(body))
                #expect(answer.status == 200 && roomAnswer.status == 202, "\(kind.name): \(answer.text)")
                #expect(roomAnswer.json["message"]?["messageId"] == roomAnswer.json["messageId"])

                let ids = [roomAnswer, answer].compactMap { $0.json["messageId"]?.string }
                let received = try await eventually("Meta has both of \(kind.name)") {
                    let sent = try await site.meta.sent(to: Self.phone).filter { message in
                        ids.contains { message["callbackData"]?.string?.contains($0) == true }
                    }
                    return sent.count == 2 ? sent : nil
                }
                for message in received {
                    #expect(message["type"]?.string == kind.type, "\(kind.name)")
                    expect(message["content"], holds: kind.content, kind.name)
                    if body["replyTo"] != nil { #expect(message["replyTo"]?.string == wamid) }
                }
                let told = try await site.messages(Self.phone).filter { message in
                    ids.contains(message["messageId"]?.string ?? "")
                }
                #expect(told.count == 2)
                for message in told {
                    #expect(message["type"]?.string == kind.type)
                    expect(message, holds: kind.told, kind.name)
                }
            }
        }
    }

    @Test func `every kind of file is fetched, stored, uploaded and sent by id`() async throws {
        var files: [String: FileHost.File] = [:]
        for kind in SendFile.all {
            let sample = try #require(SampleMedia.of(kind.sample))
            files["/\(kind.sample)"] = FileHost.File(bytes: sample.bytes, type: "application/octet-stream")
        }
        try await FileHost.run(files) { host in
            try await Site.run(environment: ["MEDIA_FETCH_ALLOW": host.allowed]) { site in
                _ = try await open(site)
                for kind in SendFile.all { try await send(kind, host, site) }
                // The same bytes again are not uploaded again, and an own path needs no fetching.
                let first = try #require(try await site.messages(Self.phone).first { $0["mediaType"] == "image" })
                let own = try await site.call(
                    "POST", "/whatsapp/send",
                    [
                        "phoneNumber": .string(Self.phone), "mediaType": "image",
                        "mediaUrl": first["mediaUrl"] ?? .null,
                    ])
                #expect(own.status == 200, "\(own.text)")
                #expect(host.requested.filter { $0 == "/image" }.count == 2)
                let images = try await site.meta.sent(to: Self.phone, type: "image")
                #expect(images.count == 3)
                #expect(Set(images.compactMap { $0["content"]?["id"]?.string }).count == 1)
            }
        }
    }

    private func send(_ kind: SendFile, _ host: FileHost, _ site: Site) async throws {
        var body = kind.extra
        body["mediaUrl"] = .string("\(host.origin)/\(kind.sample)")
        body["mediaType"] = .string(kind.mediaType)
        let roomAnswer = try await site.call("POST", "/rooms/\(Self.room)/messages", .object(body))
        #expect(roomAnswer.status == 202, "\(kind.mediaType): \(roomAnswer.text)")
        body["phoneNumber"] = .string(Self.phone)
        let answer = try await site.call("POST", "/whatsapp/send", .object(body))
        #expect(answer.status == 200, "\(kind.mediaType): \(answer.text)")

        let wamid = try #require(answer.json["whatsappMessageId"]?.string)
        let received = try await site.meta.call("GET", "/sim/messages/\(wamid)")
        #expect(received["type"]?.string == kind.type)
        expect(received["content"], holds: kind.content, kind.mediaType)
        #expect(received["content"]?["id"]?.string?.isEmpty == false)
        #expect(received["content"]?["link"] == nil)

        let own = answer.json["messageId"]
        let told = try #require(try await site.messages(Self.phone).first { $0["messageId"] == own })
        let sample = try #require(SampleMedia.of(kind.sample))
        expect(told, holds: kind.told, kind.mediaType)
        #expect(told["mediaType"]?.string == kind.type && told["mimeType"]?.string == kind.mimeType)
        #expect(told["fileSize"] == .integer(Int64(sample.bytes.count)) && told["mediaStatus"] == "ready")
        let served = try await site.get(try #require(told["mediaUrl"]?.string))
        #expect(served.status == 200 && served.body == sample.bytes)
    }

    @Test func `reactions go both ways, change and vanish, and are no messages`() async throws {
        try await Site.run { site in
            let theirs = try await open(site)
            for (emoji, expected) in [("👍", 1), ("🎉", 1), ("", 0)] {
                let answer = try await site.call(
                    "POST", "/whatsapp/send",
                    [
                        "phoneNumber": .string(Self.phone),
                        "reaction": ["messageId": .string(theirs), "emoji": .string(emoji)],
                    ])
                #expect(answer.status == 200, "\(answer.text)")
                let messages = try await site.messages(Self.phone, "the reaction is \(emoji)") {
                    let reactions = $0[0]["reactions"]?.array ?? []
                    return reactions.count == expected && reactions.allSatisfy { $0["emoji"]?.string == emoji }
                }
                #expect(messages.count == 1)
            }
            let sent = try await site.meta.sent(to: Self.phone, type: "reaction")
            #expect(sent.map { $0["content"]?["emoji"] } == ["👍", "🎉", ""])
            #expect(sent.allSatisfy { $0["content"]?["message_id"]?.string == theirs })

            for emoji in ["❤️", ""] {
                _ = try await site.meta.react(emoji, to: theirs, from: Self.phone)
                try await site.messages(Self.phone, "the customer's reaction is \(emoji)") {
                    ($0[0]["reactions"]?.array ?? []).map { $0["emoji"]?.string } == (emoji.isEmpty ? [] : [emoji])
                }
            }
        }
    }

    @Test func `a room message carries who said it, and a private note stays in the room`() async throws {
        try await Site.run { site in
            _ = try await open(site)
            let path = "/rooms/\(Self.room)/messages"
            let sender: JSON = ["id": "agent-7", "name": "Kim", "type": "agent"]
            let note = try await site.call("POST", path, ["text": "Careful", "private": true, "sender": sender])
            #expect(note.status == 202 && note.json["message"]?["private"] == true, "\(note.text)")
            let said = try await site.call(
                "POST", path, ["text": "Good day", "sender": sender, "metadata": ["ticket": 42]])
            #expect(said.status == 202)
            let sent = try await site.meta.sent(to: Self.phone, wait: 20)
            #expect(sent.map { $0["text"] } == ["Good day"])

            let inRoom = try await site.get(path).json.array ?? []
            #expect(inRoom.map { $0["sequence"] } == [1, 2, 3])
            #expect(inRoom.map { $0["text"] } == ["Hello", "Careful", "Good day"])
            #expect(inRoom[1]["sender"] == sender && inRoom[2]["sender"] == sender)
            #expect(inRoom[2]["metadata"] == ["ticket": 42])
            #expect(try await site.stores.count("SELECT count(*) AS n FROM chat_messages") == 3)
            #expect(try await site.stores.count("SELECT count(*) AS n FROM whatsapp_messages") == 2)
        }
    }

    @Test func `reading a room marks it read at Meta, and typing shows there`() async throws {
        try await Site.run { site in
            let id = try await open(site)
            #expect(try await site.call("POST", "/rooms/\(Self.room)/typing").status == 200)
            let answer = try await site.call("POST", "/rooms/\(Self.room)/read")
            #expect(answer.status == 200 && answer.json["unreadCount"] == 0, "\(answer.text)")
            try await site.messages(Self.phone, "the message is read") { $0[0]["status"] == "read" }
            try await eventually("Meta knows that it was read") {
                try await site.meta.call("GET", "/sim/messages/\(id)")["status"] == "read" ? true : nil
            }
            #expect(try await site.call("POST", "/rooms/whatsapp_1555/read").status == 404)
            #expect(try await site.call("POST", "/rooms/whatsapp_1555/typing").status == 404)
        }
    }

    @Test func `what a customer can send shows with its own fields`() async throws {
        try await Site.run { site in
            let meta = site.meta
            _ = try await meta.sendLocation(latitude: 52.5, longitude: 13.25, name: "Here", from: Self.phone)
            _ = try await meta.write(
                ["contacts": [["name": ["formatted_name": "Sam"], "phones": [["phone": "+1 555"]]]]], from: Self.phone)
            _ = try await meta.pressButton(id: "y", title: "Yes", replyTo: nil, from: Self.phone)
            _ = try await meta.write(["listReply": ["id": "1", "title": "One"]], from: Self.phone)
            _ = try await meta.write(["templateButton": ["text": "Stop", "payload": "stop"]], from: Self.phone)
            _ = try await meta.write(["order": ["catalog_id": "1", "product_items": []]], from: Self.phone)
            _ = try await meta.write(
                ["raw": ["type": "hologram", "hologram": ["depth": 3]]], from: Self.phone)
            for kind in ["video", "audio", "voice", "document", "sticker"] {
                _ = try await meta.sendMedia(kind, from: Self.phone)
            }
            let messages = try await site.messages(Self.phone, "all twelve, with their files") { messages in
                messages.count == 12 && messages.allSatisfy { $0["mediaStatus"] ?? "ready" == "ready" }
            }
            let types = messages.compactMap { $0["type"]?.string }
            #expect(
                types == [
                    "location", "contacts", "interactive", "interactive", "button", "order", "unsupported", "video",
                    "audio", "audio", "document", "sticker",
                ])
            guard types.count == 12 else { return }
            #expect(messages[0]["location"]?["latitude"] == 52.5 && messages[0]["location"]?["name"] == "Here")
            #expect(messages[1]["contacts"]?[0]?["name"]?["formatted_name"] == "Sam")
            #expect(messages[2]["text"] == "Yes" && messages[3]["text"] == "One" && messages[4]["text"] == "Stop")
            #expect(messages[7...].allSatisfy { $0["mediaUrl"]?.string?.hasPrefix("/uploads/whatsapp/") == true })
            for message in messages[7...] {
                let served = try await site.get(try #require(message["mediaUrl"]?.string))
                #expect(Int64(served.body.count) == message["fileSize"]?.int)
            }
        }
    }

    @Test func `a file that is not what it says is rejected, and its message stays`() async throws {
        try await Site.run { site in
            let script = Array("<html><script>alert(1)</script></html>".utf8)
            _ = try await site.meta.sendMedia("image", bytes: script, mimeType: "image/png", from: Self.phone)
            _ = try await site.meta.sendMedia(
                "document", bytes: script, mimeType: "application/pdf", fileName: "../../evil.html", from: Self.phone)
            let messages = try await site.messages(Self.phone, "both are judged") { messages in
                messages.count == 2 && messages.allSatisfy { $0["mediaStatus"] == "rejected" }
            }
            #expect(messages.allSatisfy { $0["mediaUrl"] == nil && $0["mediaReason"]?.string?.isEmpty == false })
            let files = FileManager.default.enumerator(atPath: site.uploads.path)?.compactMap { $0 as? String } ?? []
            #expect(!files.contains { $0.contains("evil") || $0.hasSuffix(".html") || $0.hasSuffix(".png") })
        }
    }
}
