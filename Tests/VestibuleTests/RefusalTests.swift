import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(10)))
struct RefusalTests {
    private static let phone = "+15550100001"

    private func open(_ site: Site, _ phone: String = phone) async throws {
        _ = try await site.meta.say("Hello", from: phone)
        try await site.messages(phone, "the customer's word is there") { !$0.isEmpty }
    }

    private func send(
        _ site: Site, _ text: String, to phone: String = phone, key: String? = nil
    ) async throws -> FetchResponse {
        try await site.call(
            "POST", "/whatsapp/send", ["phoneNumber": .string(phone), "text": .string(text)],
            headers: key.map { [("Idempotency-Key", $0)] } ?? [])
    }

    // MARK: The window

    @Test func `free text outside the window is refused before it is stored, a template passes`() async throws {
        try await Site.run { site in
            let stranger = try await send(site, "Hello")
            #expect(stranger.status == 422 && stranger.errorCode == "WINDOW_CLOSED", "\(stranger.text)")
            #expect(stranger.json["error"]?["data"]?["closedAt"] == nil)
            #expect(try await site.stores.count("SELECT count(*) AS n FROM chat_messages") == 0)

            let seconds = Int64(Date().timeIntervalSince1970) - 2 * 86400
            let old: JSON = [
                "from": "15550100001", "id": "wamid.old", "timestamp": .string(String(seconds)), "type": "text",
                "text": ["body": "two days ago"],
            ]
            #expect(try await site.postWebhook(Webhooks.messages([old])).status == 200)
            let late = try await send(site, "Hello")
            #expect(late.status == 422 && late.errorCode == "WINDOW_CLOSED")
            let closedAt = try #require(late.json["error"]?["data"]?["closedAt"]?.string)
            #expect(StoredMessages.milliseconds(closedAt) == (seconds + 86400) * 1000)
            let inRoom = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", ["text": "Hello"])
            #expect(inRoom.status == 422 && inRoom.errorCode == "WINDOW_CLOSED")
            #expect(try await site.meta.sent().isEmpty)

            let template: JSON = ["name": "hello_world", "language": "en_US"]
            let passed = try await site.call(
                "POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "template": template])
            #expect(passed.status == 200, "\(passed.text)")
            #expect(try await site.messages(Self.phone).count == 2)
        }
    }

    // MARK: Media

    @Test(arguments: [
        "http://127.0.0.1:{port}/image", "http://localhost:{port}/image", "http://[::1]:{port}/image",
        "http://0.0.0.0:{port}/image", "http://[::ffff:127.0.0.1]:{port}/image", "http://2130706433:{port}/image",
        "http://10.1.2.3/image", "http://169.254.169.254/latest/meta-data", "http://192.168.0.1/image",
        "http://[fd00::1]/image", "{meta}/media-host/x", "http://user@127.0.0.1:{port}/image",
    ])
    func `a private address is not fetched`(_ url: String) async throws {
        let sample = try #require(SampleMedia.of("image"))
        try await FileHost.run(["/image": .init(bytes: sample.bytes, type: "image/jpeg")]) { host in
            try await Site.run { site in
                try await open(site)
                let address = url.replacing("{port}", with: "\(host.port)").replacing("{meta}", with: site.metaBase)
                let answer = try await site.call(
                    "POST", "/whatsapp/send",
                    ["phoneNumber": .string(Self.phone), "mediaType": "image", "mediaUrl": .string(address)])
                #expect([400, 422].contains(answer.status), "\(answer.text)")
                #expect(["MEDIA_REJECTED", "BAD_REQUEST"].contains(answer.errorCode ?? ""))
                #expect(host.requested.isEmpty)
                #expect(try await site.messages(Self.phone).count == 1)
            }
        }
    }

    @Test func `a file of the wrong type, too large, or absent is rejected and leaves nothing behind`() async throws {
        let image = try #require(SampleMedia.of("image")).bytes
        let sticker = try #require(SampleMedia.of("sticker")).bytes
        let files: [String: FileHost.File] = [
            "/page": .init(bytes: Array("<html><body>Hi</body></html>".utf8), type: "image/jpeg"),
            "/large": .init(bytes: image + Pattern.bytes(5 * 1_048_576), type: "image/jpeg"),
            "/sticker": .init(bytes: sticker + Pattern.bytes(500 * 1024), type: "image/webp"),
            "/image": .init(bytes: image, type: "video/mp4"),
        ]
        try await FileHost.run(files) { host in
            try await Site.run(environment: ["MEDIA_FETCH_ALLOW": host.allowed]) { site in
                try await open(site)
                let cases: [(type: String, path: String, said: String)] = [
                    ("image", "\(host.origin)/page", "text/html"), ("image", "\(host.origin)/large", "5242880"),
                    ("sticker", "\(host.origin)/sticker", "512000"), ("video", "\(host.origin)/image", "image/jpeg"),
                    ("document", "\(host.origin)/image", "image/jpeg"), ("image", "\(host.origin)/nothing", "404"),
                    ("image", "/uploads/whatsapp/nothing.jpg", "no file"), ("image", "/uploads/../log.txt", "no file"),
                    ("image", "http://127.0.0.1:1/image", "not allowed"),
                ]
                for (type, url, said) in cases {
                    let answer = try await site.call(
                        "POST", "/whatsapp/send",
                        ["phoneNumber": .string(Self.phone), "mediaType": .string(type), "mediaUrl": .string(url)])
                    #expect(answer.status == 422 && answer.errorCode == "MEDIA_REJECTED", "\(url): \(answer.text)")
                    #expect(answer.errorMessage.contains(said), "\(url): \(answer.errorMessage)")
                }
                #expect(try await site.messages(Self.phone).count == 1)
                #expect(try await site.meta.sent().isEmpty)
                #expect(Self.files(site.uploads).isEmpty)
            }
        }
    }

    private static func files(_ folder: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            let path = folder.appending(path: name).path
            // Who receives files keeps a lock in the folder.
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
                && !name.hasSuffix("/.lock")
        }
    }

    // MARK: Meta's refusals

    @Test func `Meta's refusal is told with Meta's code, and the message stays as failed`() async throws {
        try await Site.run { site in
            let phone = "+15550131026"
            try await open(site, phone)
            let answer = try await send(site, "Hello", to: phone)
            #expect(answer.status == 502 && answer.errorCode == "MESSAGE_PROCESSING_FAILED", "\(answer.text)")
            let data = answer.json["error"]?["data"]
            #expect(data?["metaCode"] == 131026 && data?["metaMessage"]?.string?.isEmpty == false)
            #expect(data?["fbtraceId"]?.string?.isEmpty == false)
            let last = try #require(try await site.messages(phone).last)
            #expect(last["status"] == "failed" && last["messageId"] == data?["messageId"])
            #expect(last["failedReason"]?.string?.isEmpty == false)
            #expect(try await site.meta.faults().isEmpty)
        }
    }

    @Test func `Meta's word that the window is closed is told as the gateway's own`() async throws {
        try await Site.run { site in
            let phone = "+15550131047"
            try await open(site, phone)
            let answer = try await send(site, "Hello", to: phone)
            #expect(answer.status == 422 && answer.errorCode == "WINDOW_CLOSED", "\(answer.text)")
            #expect(answer.json["error"]?["data"]?["metaCode"] == 131047)
        }
    }

    @Test func `a refused token pauses the account, and the next start sends what waited`() async throws {
        try await Site.run { site in
            try await open(site)
            try await site.meta.fault(match: ["path": "/messages"], action: ["code": 190], times: 1)
            for text in ["first", "second"] {
                let answer = try await send(site, text)
                #expect(answer.status == 202 && answer.json["status"] == "pending", "\(answer.text)")
                #expect(answer.json["reason"] == "ACCOUNT_PAUSED")
            }
            #expect(try await site.meta.sent().isEmpty)
            try await site.stop()
            try await site.start()
            try await site.messages(Self.phone, "both are read") { messages in
                messages.dropFirst().map { $0["status"]?.string } == ["read", "read"]
            }
            #expect(try await site.meta.sent().map { $0["text"] } == ["first", "second"])
        }
    }

    @Test func `a send without a known outcome is told as unknown, not sent again, and settled by a status`()
        async throws
    {
        try await Site.run { site in
            try await open(site)
            try await site.meta.setDelivery(["paused": true])
            for action: JSON in [["badJSON": true], ["reset": "after"]] {
                try await site.meta.fault(match: ["path": "/messages"], action: action, times: 1)
                let answer = try await send(site, "Did it arrive?")
                #expect(answer.status == 202 && answer.json["status"] == "unknown", "\(answer.text)")
            }
            try await site.meta.setDelivery([:])
            let messages = try await site.messages(Self.phone, "both are read") { messages in
                messages.dropFirst().map { $0["status"]?.string } == ["read", "read"]
            }
            #expect(messages.dropFirst().allSatisfy { $0["whatsappMessageId"]?.string?.isEmpty == false })
            #expect(try await site.meta.sent().count == 2)
        }
    }

    @Test(arguments: ["fail", "retry"])
    func `a send that stays unknown is decided by the policy`(_ policy: String) async throws {
        let environment = ["UNKNOWN_SEND_GRACE": "1", "UNKNOWN_SEND_POLICY": policy]
        try await Site.run(environment: environment) { site in
            try await open(site)
            try await site.meta.fault(
                match: ["path": "/messages"], action: ["status": 200, "body": "<html>", "contentType": "text/html"])
            let answer = try await send(site, "Did it arrive?")
            #expect(answer.status == 202 && answer.json["status"] == "unknown", "\(answer.text)")
            let expected = policy == "fail" ? "failed" : "read"
            try await site.messages(Self.phone, "the answer is \(expected)") { $0.last?["status"]?.string == expected }
            #expect(try await site.meta.sent().count == (policy == "fail" ? 0 : 1))
        }
    }

    @Test func `what can heal is tried three times in all, and order holds meanwhile`() async throws {
        try await Site.run { site in
            try await open(site)
            let healing = try await site.meta.fault(
                match: ["path": "/messages", "messageContains": "heals"], action: ["code": 131000], times: 1)
            let healed = try await send(site, "this heals")
            #expect(healed.status == 200, "\(healed.text)")
            try await site.meta.removeFaults(healing)

            try await site.meta.fault(
                match: ["path": "/messages", "messageContains": "never"], action: ["code": 131000], times: -1)
            _ = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", ["text": "this never"])
            _ = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", ["text": "this waits"])
            let messages = try await site.messages(Self.phone, "the last is read") { $0.last?["status"] == "read" }
            #expect(messages.map { $0["status"] } == ["delivered", "read", "failed", "read"])
            #expect(try await site.meta.faults().first?["hits"] == 3)
            #expect(try await site.meta.sent().map { $0["text"] } == ["this heals", "this waits"])
        }
    }

    @Test func `a failure that comes later by webhook fails the message with Meta's reason`() async throws {
        try await Site.run { site in
            let phone = "+15551131049"
            try await open(site, phone)
            #expect([200, 502].contains(try await send(site, "Hello", to: phone).status))
            let messages = try await site.messages(phone, "the answer failed") { $0.last?["status"] == "failed" }
            #expect(messages.last?["failedReason"]?.string?.isEmpty == false)
        }
    }

    // MARK: Keys

    @Test(arguments: Storage.engines)
    func `one Idempotency-Key sends once, also at the same moment and after a restart`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            try await open(site)
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await send(site, "Once", key: "order-1042").json["messageId"]?.string }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1 && !ids.contains(nil))
            try await site.stop()
            try await site.start()
            let again = try await send(site, "Once", key: "order-1042")
            #expect(again.status == 200 && again.headers.first("Idempotency-Replayed") == "true")
            #expect(ids == [again.json["messageId"]?.string])
            #expect(try await site.meta.sent().count == 1)

            let other = try await send(site, "Another", key: "order-1042")
            #expect(other.status == 409 && other.errorCode == "CONFLICT", "\(other.text)")
            let fresh = try await send(site, "Another", key: "order-1043")
            #expect(fresh.status == 200 && fresh.headers.first("Idempotency-Replayed") == nil)
            for key in ["two words", String(repeating: "k", count: 256), "\u{e9}t\u{e9}"] {
                let refused = try await send(site, "Another", key: key)
                #expect(refused.status == 400 && refused.errorMessage.contains("Idempotency-Key"))
            }
            #expect(try await site.meta.sent().count == 2)
        }
    }

    @Test(arguments: [true, false])
    func `without credentials a send says that none are configured, and stores nothing`(
        _ hasNumber: Bool
    ) async throws {
        var missing = ["WHATSAPP_ACCESS_TOKEN": ""]
        if !hasNumber { missing["WHATSAPP_PHONE_NUMBER_ID"] = "" }
        try await Site.run(environment: missing) { site in
            let template: JSON = ["name": "hello_world", "language": "en_US"]
            let answer = try await site.call(
                "POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "template": template])
            #expect(answer.status == 404 && answer.errorCode == "CONFIG_NOT_FOUND", "\(answer.text)")
            #expect(try await site.get("/whatsapp/messages/\(Self.phone)").json == [])
            #expect(try await site.get("/rooms").json["rooms"] == [])
        }
    }
}
