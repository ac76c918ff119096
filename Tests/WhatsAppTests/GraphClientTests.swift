import Fetch
import Foundation
import JSON
import Logging
import Testing

@testable import WhatsApp

private let token = Secret("EAAtest")

/// A Graph client whose Meta is `answer`, a file to download to and one to upload from.
private func withGraph<T>(
    _ answer: @escaping @Sendable (StandInServer.Request) -> StandInServer.Reply,
    _ body: (GraphClient, StandInServer, _ folder: URL) async throws -> T
) async throws -> T {
    let server = StandInServer(answer)
    let fetch = FetchClient(userAgent: "Vestibule/test", logger: Logger(label: "test"))
    let folder = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        server.stop()
        fetch.close()
        try? FileManager.default.removeItem(at: folder)  // What is left over lies in the temporary folder.
    }
    return try await body(GraphClient(fetch: fetch, origin: server.origin + "/", version: "v21.0"), server, folder)
}

private func failure(_ body: () async throws(GraphError) -> Void) async -> GraphError? {
    do throws(GraphError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

@Suite(.timeLimit(.minutes(1))) struct GraphClientTests {
    @Test func `a send posts the message with the token and reads the receipt`() async throws {
        let reply = try GraphFixtures.reply("send-ok.json")
        try await withGraph({ _ in .answer(status: 200, body: reply.body) }) { graph, server, _ in
            let content = OutgoingContent.text(body: "Hello 👋", previewURL: false)
            let body = content.graphBody(to: .phone("+15550100001"), mediaID: nil, context: nil, callbackData: "m1")
            let verdict = await graph.send(body, phoneNumberID: "200000000000101", token: token)
            let id = "wamid.HBgLMTU1NTAxMDAwMDEVAgARGBJFOEJDMTYzQzgyRUVFMTg3MzMA"
            #expect(verdict == .sent(SendReceipt(messageID: id, waID: "15550100001")))
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1)
            #expect(request.method == "POST")
            #expect(request.target == "/v21.0/200000000000101/messages")
            #expect(request.headers["authorization"] == "Bearer EAAtest")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["user-agent"] == "Vestibule/test")
            #expect(try JSON(parsing: request.body) == body)
        }
    }

    @Test func `a send whose answer never came is unknown and isn't repeated`() async throws {
        try await withGraph({ _ in .hangUp }) { graph, server, _ in
            let verdict = await graph.send([:], phoneNumberID: "1", token: token)
            guard case .unknown = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a send that found nobody listening may be retried`() async throws {
        try await withGraph({ _ in .hangUp }) { _, _, _ in
            // Port 1 of the loopback address is reserved and has no listener.
            let fetch = FetchClient(userAgent: "Vestibule/test", logger: Logger(label: "test"))
            defer { fetch.close() }
            let graph = GraphClient(fetch: fetch, origin: "http://127.0.0.1:1", version: "v21.0")
            let verdict = await graph.send([:], phoneNumberID: "1", token: token)
            guard case .retry = verdict else {
                Issue.record("\(verdict)")
                return
            }
        }
    }

    @Test(arguments: ["", "1/2", "..", "1?x", "1#", "ä", "1 2", "%2e"])
    func `an id that would change the address is refused before anything is sent`(id: String) async throws {
        try await withGraph({ _ in .json("{}") }) { graph, server, _ in
            guard case .fail = await graph.send([:], phoneNumberID: id, token: token) else {
                Issue.record("sent")
                return
            }
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.media(id: id, phoneNumberID: "1", token: token)
            }
            #expect(error == .invalidID)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `reading is marked, with the typing sign when asked for`() async throws {
        try await withGraph({ _ in .json(#"{"success":true}"#) }) { graph, server, _ in
            try await graph.markRead(messageID: "wamid.1", typing: false, phoneNumberID: "1", token: token)
            try await graph.markRead(messageID: "wamid.2", typing: true, phoneNumberID: "1", token: token)
            let bodies = try server.requests.map { try JSON(parsing: $0.body) }
            #expect(
                bodies == [
                    ["messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"],
                    [
                        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.2",
                        "typing_indicator": ["type": "text"],
                    ],
                ])
        }
    }

    @Test func `success false under 200 is a failure`() async throws {
        try await withGraph({ _ in .json(#"{"success":false}"#) }) { graph, _, _ in
            let error = await failure { () async throws(GraphError) in
                try await graph.markRead(messageID: "wamid.1", typing: false, phoneNumberID: "1", token: token)
            }
            #expect(error == .unexpected(status: 200, "no success"))
        }
    }

    @Test func `an error of Meta comes with what to do about it`() async throws {
        let reply = try GraphFixtures.reply("error-190-expired.json")
        try await withGraph({ _ in .answer(status: 401, body: reply.body) }) { graph, _, _ in
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.phoneNumber(id: "1", token: token)
            }
            guard case .refused(let meta, let treatment) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(meta.code == 190)
            #expect(meta.subcode == 463)
            #expect(treatment == .pause(.account, for: nil))
            #expect(error?.treatment == treatment)
        }
    }

    @Test func `an upload sends product, type and the file with its name`() async throws {
        try await withGraph({ _ in .json(#"{"id":"500000000000401"}"#) }) { graph, server, folder in
            let path = folder.appending(path: "upload").path
            try Data("JPEG bytes".utf8).write(to: URL(filePath: path))
            let id = try await graph.uploadMedia(
                path: path, mimeType: "image/jpeg", fileName: "photo.jpg", phoneNumberID: "7", token: token)
            #expect(id == "500000000000401")
            let request = try #require(server.requests.first)
            #expect(request.target == "/v21.0/7/media")
            #expect(request.headers["content-type"]?.hasPrefix("multipart/form-data; boundary=") == true)
            #expect(request.text.contains("name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"))
            #expect(request.text.contains("name=\"type\"\r\n\r\nimage/jpeg\r\n"))
            #expect(request.text.contains("name=\"file\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n"))
            #expect(request.text.contains("\r\n\r\nJPEG bytes\r\n"))
        }
    }

    @Test func `a type that Meta doesn't take fails the upload`() async throws {
        let reply = try GraphFixtures.reply("error-100-media-type.json")
        try await withGraph({ _ in .answer(status: 400, body: reply.body) }) { graph, _, folder in
            let path = folder.appending(path: "upload").path
            try Data([1]).write(to: URL(filePath: path))
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.uploadMedia(
                    path: path, mimeType: "video/webm", fileName: "a.webm", phoneNumberID: "7", token: token)
            }
            #expect(error?.treatment == .fail)
        }
    }

    @Test(arguments: ["media-get.json", "media-get-size-string.json"])
    func `media information is read with its size as number or text`(file: String) async throws {
        let reply = try GraphFixtures.reply(file)
        try await withGraph({ _ in .answer(status: 200, body: reply.body) }) { graph, server, _ in
            let info = try await graph.media(id: "500000000000101", phoneNumberID: "7", token: token)
            #expect(info.fileSize == 303_833)
            #expect(info.mimeType == "image/jpeg")
            #expect(info.sha256 == "29cab049368aaf234d3670b6d048030609ae7030794e7e0b96d38ddcae2ca728")
            #expect(info.url.hasPrefix("https://lookaside.fbsbx.com/"))
            #expect(server.requests.first?.target == "/v21.0/500000000000101?phone_number_id=7")
        }
    }

    @Test func `a medium is fetched with the token into a new file`() async throws {
        try await withGraph({ _ in .answer(status: 200, body: Array("media".utf8)) }) { graph, server, folder in
            let path = folder.appending(path: "medium").path
            let download = try await graph.downloadMedia(
                url: "\(server.origin)/media/1?hash=a", token: token, to: path, limit: 5)
            #expect(download.size == 5)
            #expect(try Data(contentsOf: URL(filePath: path)) == Data("media".utf8))
            #expect(server.requests.first?.target == "/media/1?hash=a")
            #expect(server.requests.first?.headers["authorization"] == "Bearer EAAtest")
        }
    }

    @Test func `a medium over its limit leaves no file`() async throws {
        try await withGraph({ _ in .answer(status: 200, body: Array("media".utf8)) }) { graph, server, folder in
            let path = folder.appending(path: "medium").path
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.downloadMedia(url: "\(server.origin)/m", token: token, to: path, limit: 4)
            }
            #expect(error == .unreachable(.tooLarge(limit: 4)))
            #expect(error?.treatment == .fail)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a redirect within the trusted host is followed, one elsewhere is not`() async throws {
        let other = StandInServer { _ in .answer(status: 200, body: Array("stolen".utf8)) }
        defer { other.stop() }
        let elsewhere = other.origin
        try await withGraph({ request in
            switch request.target {
            case "/first": .answer(status: 302, headers: [("Location", "/second")])
            case "/second": .answer(status: 200, body: [1])
            case "/loop": .answer(status: 302, headers: [("Location", "/loop")])
            default: .answer(status: 302, headers: [("Location", "\(elsewhere)/x")])
            }
        }) { graph, server, folder in
            let path = folder.appending(path: "medium").path
            let download = try await graph.downloadMedia(
                url: "\(server.origin)/first", token: token, to: path, limit: 5)
            #expect(download.size == 1)
            let away = await failure { () async throws(GraphError) in
                _ = try await graph.downloadMedia(url: "\(server.origin)/out", token: token, to: path + "2", limit: 5)
            }
            #expect(away == .addressNotAllowed)
            #expect(other.requests.isEmpty)
            let loop = await failure { () async throws(GraphError) in
                _ = try await graph.downloadMedia(url: "\(server.origin)/loop", token: token, to: path + "3", limit: 5)
            }
            #expect(loop == .unreachable(.tooManyRedirects))
        }
    }

    @Test func `a medium whose address has run out says so`() async throws {
        let reply = try GraphFixtures.reply("media-url-expired.json")
        try await withGraph({ _ in .answer(status: 404, body: reply.body) }) { graph, server, folder in
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.downloadMedia(
                    url: "\(server.origin)/m", token: token, to: folder.appending(path: "medium").path, limit: 5)
            }
            #expect(error == .addressExpired)
            #expect(error?.treatment == .retry(after: nil))
        }
    }

    @Test func `a page of a proxy instead of an answer is worth another try`() async throws {
        try await withGraph({ _ in .answer(status: 502, body: Array("<html>".utf8)) }) { graph, _, _ in
            let error = await failure { () async throws(GraphError) in
                _ = try await graph.phoneNumber(id: "1", token: token)
            }
            #expect(error == .unexpected(status: 502, "no JSON"))
            #expect(error?.treatment == .retry(after: nil))
        }
    }

    @Test(arguments: [
        ("subscribed-apps-get.json", ["130000000000101", "130000000000102"]),
        ("subscribed-apps-get-object.json", ["130000000000101", "130000000000102"]),
        ("subscribed-apps-none.json", []),
    ])
    func `subscribed apps are read in both of Meta's forms`(file: String, ids: [String]) async throws {
        let reply = try GraphFixtures.reply(file)
        try await withGraph({ _ in .answer(status: 200, body: reply.body) }) { graph, server, _ in
            let apps = try await graph.subscribedApps(businessAccountID: "100000000000101", token: token)
            #expect(apps.map(\.id) == ids)
            #expect(server.requests.first?.target == "/v21.0/100000000000101/subscribed_apps")
            if file == "subscribed-apps-get.json" {
                #expect(apps.map(\.overrideCallbackURI) == ["https://gw.example.test/w1", nil])
            }
        }
    }
}
