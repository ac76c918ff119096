import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(10)))
struct StoryTests {
    private static let phone = "+15550100001"
    private static let room = "whatsapp_15550100001"

    @Test(arguments: Storage.available)
    func `what a customer writes is read, served, mirrored, answered and still there after restarts`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            let picture = Padded.png(Pattern.bytes(5000))
            try await customerWrites(site, picture)
            try await checkRoom(site)
            try await checkPicture(site, picture)

            try await answerAndFollowTicks(site)
            let told = try await site.messages(Self.phone)
            #expect(told.map { $0["sequence"]?.int } == [1, 2, 3])
            try await StoredMessages.expectEqual(to: told, in: site)

            #expect(try await site.stop() == .exit(0))
            try await site.start()
            try await expectUnchanged(site, told, picture)
            await site.kill()
            try await site.start()
            try await expectUnchanged(site, told, picture)

            // Life goes on where it stopped.
            _ = try await site.meta.say("Thanks", from: Self.phone)
            let later = try await site.messages(Self.phone, "the fourth is there") { $0.count == 4 }
            #expect(Array(later.dropLast()) == told)
            #expect(later.last?["sequence"] == 4 && later.last?["text"] == "Thanks")
            #expect(try await site.meta.sent().count == 1)
        }
    }

    private func customerWrites(_ site: Site, _ picture: [UInt8]) async throws {
        try await site.meta.change(Self.phone, ["name": "Alex Example", "reads": false])
        let first = try await site.meta.say("Hello, is this 24/7? 🙂", from: Self.phone)
        let second = try await site.meta.sendMedia(
            "image", bytes: picture, mimeType: "image/png", caption: "Look", from: Self.phone)
        let messages = try await site.messages(Self.phone, "the picture is ready") {
            $0.count == 2 && $0[1]["mediaStatus"] == "ready"
        }

        let text = messages[0]
        #expect(text["whatsappMessageId"]?.string == first)
        #expect(text["text"] == "Hello, is this 24/7? 🙂" && text["type"] == "text")
        #expect(text["direction"] == "incoming" && text["status"] == "delivered")
        #expect(text["phoneNumber"] == "+15550100001" && text["roomName"]?.string == Self.room)
        #expect(text["sequence"] == 1 && text["messageId"]?.string?.isEmpty == false)
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let timestamp = try #require(text["timestamp"]?.int)
        #expect(abs(now - timestamp) < 120_000)
        let expiry = try #require(text["expiresAt"]?.string)
        #expect(StoredMessages.milliseconds(expiry) == timestamp + 1825 * 86_400_000)
        for absent in ["mediaUrl", "mediaType", "fileName", "caption", "failedReason", "readAt"] {
            #expect(text[absent] == nil)
        }

        let image = messages[1]
        #expect(image["whatsappMessageId"]?.string == second && image["type"] == "image")
        #expect(image["mediaType"] == "image" && image["caption"] == "Look" && image["mimeType"] == "image/png")
        #expect(image["fileSize"] == .integer(Int64(picture.count)) && image["sequence"] == 2)
        #expect(image["mediaUrl"]?.string?.hasPrefix("/uploads/whatsapp/") == true)
        // The number may be written in every usual way.
        for form in ["15550100001", "%2B15550100001", "+1%20555-010-0001"] {
            #expect(try await site.messages(form) == messages)
        }
    }

    private func checkRoom(_ site: Site) async throws {
        let room = try await site.get("/rooms/\(Self.room)").json
        #expect(room["name"]?.string == Self.room && room["title"] == "WhatsApp: +15550100001")
        #expect(room["channel"] == "Customer" && room["department"] == "Customer Service" && room["private"] == true)
        #expect(room["contactName"] == "Alex Example" && room["unreadCount"] == 2 && room["lastSequence"] == 2)
        #expect(try await site.get("/rooms").json["rooms"] == .array([room]))

        let messages = try await site.messages(Self.phone)
        let path = "/rooms/\(Self.room)/messages"
        #expect(try await site.get(path).json == .array(messages))
        #expect(try await site.get(path + "?after=1").json == .array([messages[1]]))
        #expect(try await site.get(path + "?before=2").json == .array([messages[0]]))
        #expect(try await site.get(path + "?limit=1").json == .array([messages[1]]))
        #expect(try await site.get("/whatsapp/messages/\(Self.phone)?limit=1").json == .array([messages[1]]))
        #expect(try await site.get("/whatsapp/messages/\(Self.phone)?before=2").json == .array([messages[0]]))
        #expect(try await site.get("/whatsapp/messages/+15550109999").json == [])
        #expect(try await site.get("/rooms/whatsapp_15550109999").status == 404)
        #expect(try await site.get("/rooms/whatsapp_15550109999/messages").status == 404)
    }

    private func checkPicture(_ site: Site, _ picture: [UInt8]) async throws {
        let url = try #require(try await site.messages(Self.phone)[1]["mediaUrl"]?.string)
        let whole = try await site.get(url)
        #expect(whole.status == 200 && whole.body == picture)
        #expect(whole.headers.first("Content-Type") == "image/png")
        #expect(whole.headers.first("X-Content-Type-Options") == "nosniff")
        #expect(whole.headers.first("Content-Security-Policy")?.contains("sandbox") == true)
        #expect(whole.headers.first("Cache-Control")?.contains("immutable") == true)
        #expect(whole.headers.first("Content-Disposition")?.hasPrefix("inline") == true)
        #expect(whole.headers.first("Accept-Ranges") == "bytes")

        let etag = try #require(whole.headers.first("ETag"))
        let known = try await site.get(url, headers: [("If-None-Match", etag)])
        #expect(known.status == 304 && known.body.isEmpty)
        let head = try await site.call("HEAD", url)
        #expect(head.status == 200 && head.headers.first("Content-Length") == "\(picture.count)")

        let last = picture.count - 1
        let ranges = [
            ("bytes=0-9", 0...9), ("bytes=100-", 100...last), ("bytes=-7", (last - 6)...last),
            ("bytes=10-99999999", 10...last),
        ]
        for (header, expected) in ranges {
            let part = try await site.get(url, headers: [("Range", header)])
            #expect(part.status == 206 && part.body == Array(picture[expected]), "\(header)")
            #expect(
                part.headers.first("Content-Range")
                    == "bytes \(expected.lowerBound)-\(expected.upperBound)/\(picture.count)")
        }
        let beyond = try await site.get(url, headers: [("Range", "bytes=\(picture.count)-")])
        #expect(beyond.status == 416 && beyond.headers.first("Content-Range") == "bytes */\(picture.count)")
        let changed = try await site.get(url, headers: [("Range", "bytes=0-9"), ("If-Range", "\"other\"")])
        #expect(changed.status == 200 && changed.body == picture)
        for path in ["/uploads/whatsapp/", "/uploads/whatsapp/nothing.png", "/uploads/whatsapp/..%2F..%2Flog.txt"] {
            #expect(try await site.get(path).status == 404, "\(path)")
        }
    }

    private func answerAndFollowTicks(_ site: Site) async throws {
        // The phone is off, so the ticks come one by one as it is switched on and looked at.
        try await site.meta.change(Self.phone, ["online": false])
        let answer = try await site.call(
            "POST", "/whatsapp/send", ["phoneNumber": "+1 555-010-0001", "text": "Day and night"])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["success"] == true && answer.json["status"] == "sent")
        #expect(answer.json["roomName"]?.string == Self.room)
        let id = try #require(answer.json["whatsappMessageId"]?.string)
        let own = try #require(answer.json["messageId"]?.string)
        let sent = try await site.meta.sent(to: Self.phone, wait: 20)
        #expect(sent.map { $0["messageId"]?.string } == [id] && sent[0]["text"] == "Day and night")

        let steps: [(String, @Sendable () async throws -> Void)] = [
            ("sent", {}),
            ("delivered", { _ = try await site.meta.change(Self.phone, ["online": true]) }),
            ("read", { _ = try await site.meta.read(Self.phone) }),
        ]
        for (status, step) in steps {
            try await step()
            let messages = try await site.messages(Self.phone, "the answer is \(status)") {
                $0.last?["status"]?.string == status
            }
            let last = try #require(messages.last)
            #expect(last["messageId"]?.string == own && last["whatsappMessageId"]?.string == id)
            #expect(last["direction"] == "outgoing" && last["sequence"] == 3)
        }
        let last = try #require(try await site.messages(Self.phone).last)
        let sentAt = try #require(last["sentAt"]?.int)
        let deliveredAt = try #require(last["deliveredAt"]?.int)
        let readAt = try #require(last["readAt"]?.int)
        #expect(sentAt <= deliveredAt && deliveredAt <= readAt)
    }

    private func expectUnchanged(_ site: Site, _ told: [JSON], _ picture: [UInt8]) async throws {
        #expect(try await site.messages(Self.phone) == told)
        let url = try #require(told[1]["mediaUrl"]?.string)
        #expect(try await site.get(url).body == picture)
        #expect(try await site.get("/rooms").json["rooms"]?.array?.count == 1)
        #expect(try await site.stores.count("SELECT count(*) AS n FROM whatsapp_messages") == Int64(told.count))
        #expect(try await site.stores.count("SELECT count(*) AS n FROM chat_messages") == Int64(told.count))
        try await StoredMessages.expectEqual(to: told, in: site)
        #expect(try await site.meta.sent().count == 1)
    }

    @Test(arguments: Storage.engines)
    func `a webhook that comes again, in a batch or out of order, stores each message once`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            try await site.meta.setDelivery([
                "batch": 7, "batchWindowMs": 100, "duplicates": 2, "shuffle": true, "seed": 42,
            ])
            var ids: [String] = []
            for number in 1...20 { ids.append(try await site.meta.say("number \(number)", from: Self.phone)) }
            try await site.meta.setDelivery([:])
            try await eventually("every webhook is delivered") {
                let log = try await site.meta.webhooks()
                let pending = try await site.meta.state()["webhooks"]?["pending"]
                return pending == 0 && log.allSatisfy { $0["state"] == "delivered" } ? true : nil
            }
            let messages = try await site.messages(Self.phone)
            #expect(messages.compactMap { $0["whatsappMessageId"]?.string }.sorted() == ids.sorted())
            #expect(messages.map { $0["sequence"]?.int } == (1...20).map { $0 })
            #expect(try await site.stores.count("SELECT count(*) AS n FROM chat_messages") == 20)
            let room = try await site.get("/rooms/\(Self.room)").json
            #expect(room["unreadCount"] == 20 && room["lastSequence"] == 20)
        }
    }

    @Test(arguments: Storage.engines)
    func `a kill loses nothing that was acknowledged, and a waiting send goes out once`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the first is there") { $0.count == 1 }
            // Meta hands out no media now and refuses sends, so work is waiting when the kill comes.
            let media = try await site.meta.fault(
                match: ["path": "/media-host"], action: ["status": 503, "body": "down"], times: -1)
            let send = try await site.meta.fault(match: ["path": "/messages"], action: ["code": 131000], times: 1)
            let path = "/rooms/\(Self.room)/messages"
            let waiting = try await site.call("POST", path, ["text": "Still here"])
            #expect(waiting.status == 202)
            for number in 1...10 {
                let webhook = Webhooks.text("burst \(number)", id: "wamid.burst\(number)", from: "15550100001")
                #expect(try await site.postWebhook(webhook).status == 200)
            }
            let picture = try await site.meta.sendMedia("image", from: Self.phone)
            try await site.messages(Self.phone, "all twelve are there") { $0.count == 13 }
            await site.kill()

            try await site.meta.removeFaults(media)
            try await site.meta.removeFaults(send)
            try await site.start()
            let messages = try await site.messages(Self.phone, "the send is out and the picture there") { messages in
                messages.contains { $0["direction"] == "outgoing" && $0["status"] == "read" }
                    && messages.contains {
                        $0["whatsappMessageId"]?.string == picture && $0["mediaStatus"] == "ready"
                    }
            }
            #expect(messages.map { $0["sequence"]?.int } == (1...13).map { $0 })
            #expect(messages.filter { $0["text"]?.string?.hasPrefix("burst") == true }.count == 10)
            #expect(try await site.meta.sent().map { $0["text"] } == ["Still here"])
        }
    }
}

/// Bytes that repeat nowhere near each other, so that a wrong range shows.
enum Pattern {
    static func bytes(_ count: Int) -> [UInt8] {
        var state: UInt32 = 12345
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
