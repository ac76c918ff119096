import Fetch
import Foundation
import JSON
import Testing

/// Links that expire, as callers of the API meet them; and files that an nginx in front sends.
@Suite(.timeLimit(.minutes(5)))
struct MediaLinkTests {
    private static let phone = "+15550100001"

    /// Lets a customer send a picture, and waits until it can be had.
    private func picture(_ site: Site) async throws -> JSON {
        _ = try await site.meta.sendMedia("image", from: Self.phone)
        return try await site.messages(Self.phone, "the picture is ready") { $0.first?["mediaStatus"] == "ready" }[0]
    }

    @Test(arguments: Storage.engines)
    func `every link that the API shows is signed, and opens the file; the bare path does not`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage, environment: ["MEDIA_URL_TTL": "3600"]) { site in
            let link = try #require(try await picture(site)["mediaUrl"]?.string)
            let path = try #require(link.split(separator: "?").first.map(String.init))
            let room = try await site.get("/rooms/whatsapp_15550100001/messages").json
            #expect(room[0]?["mediaUrl"]?.string?.hasPrefix(path + "?expires=") == true)
            let sent = try await site.call(
                "POST", "/rooms/whatsapp_15550100001/messages", ["mediaType": "image", "mediaUrl": .string(link)])
            #expect(sent.status == 202, "a signed link can be sent again: \(sent.text)")
            #expect(sent.json["message"]?["mediaUrl"]?.string?.hasPrefix(path + "?expires=") == true)

            let file = try await site.get(link)
            #expect(file.status == 200 && !file.body.isEmpty)
            #expect(file.headers.first("Cache-Control")?.hasPrefix("private, max-age=3") == true)
            let part = try await site.get(link, headers: [("Range", "bytes=0-4")])
            #expect(part.status == 206 && part.body == Array(file.body[..<5]))
            for wrong in [
                path, path + "?", path + "?expires=9999999999", link.replacing("signature=", with: "signature=A"),
                link.replacing("expires=", with: "expires=1"), link + "&expires=1",
            ] {
                let answer = try await site.get(wrong)
                #expect(answer.status == 403 || wrong.hasSuffix("&expires=1") && answer.status == 400, "\(wrong)")
            }
            #expect(try await site.get("/uploads/whatsapp/nothing.jpg").status == 403, "nor does it tell what is there")

            let rows = try await site.stores.rows("SELECT media_url FROM chat_messages WHERE media_url IS NOT NULL")
            #expect(try rows.allSatisfy { try $0.text("media_url") == path } && !rows.isEmpty, "none is stored signed")
            // Another start, as another gateway, knows the key.
            #expect(try await site.stop() == .exit(0))
            try await site.start()
            #expect(try await site.get(link).status == 200)
        }
    }

    @Test func `a link that has expired is refused, and a new one is shown`() async throws {
        try await Site.run(environment: ["MEDIA_URL_TTL": "2", "MEDIA_URL_SECRET": "a-secret-of-the-test"]) { site in
            let link = try #require(try await picture(site)["mediaUrl"]?.string)
            let refusal = try await eventually("the link expires") {
                let answer = try await site.get(link)
                return answer.status == 200 ? nil : answer
            }
            #expect(refusal.status == 403 && refusal.errorCode == "FORBIDDEN")
            #expect(refusal.errorMessage.contains("expired"))
            let renewed = try #require(try await site.messages(Self.phone)[0]["mediaUrl"]?.string)
            #expect(renewed != link)
            #expect(try await site.get(renewed).status == 200)
        }
    }

    @Test(.enabled(if: Nginx.isInstalled || Storage.isCI))
    func `an nginx in front sends the files, and asks the gateway who may have them`() async throws {
        let environment = ["MEDIA_URL_TTL": "3600", "MEDIA_X_ACCEL": "/media-files/"]
        try await Site.run(environment: environment) { site in
            let link = try #require(try await picture(site)["mediaUrl"]?.string)
            let path = try #require(link.split(separator: "?").first.map(String.init))
            let handed = try await site.get(link)
            #expect(handed.status == 200 && handed.body.isEmpty)
            #expect(
                handed.headers.first("X-Accel-Redirect") == path.replacing("/uploads/whatsapp", with: "/media-files"))
            let bytes = try Data(contentsOf: site.folder.appending(path: String(path.dropFirst())))
            try await Nginx.run(try Self.snippet(site), fetch: site.fetch) { nginx in
                func get(_ path: String, _ headers: [(String, String)] = []) async throws -> FetchResponse {
                    try await site.fetch.send(FetchRequest(url: nginx.base + path, headers: headers))
                }
                let whole = try await get(link)
                #expect(whole.status == 200 && whole.body == Array(bytes))
                #expect(whole.headers.first("X-Accel-Redirect") == nil)
                #expect(whole.headers.first("Content-Type") == "image/jpeg")
                #expect(whole.headers.first("Content-Disposition")?.hasPrefix("inline") == true)
                #expect(whole.headers.first("Cache-Control")?.hasPrefix("private, max-age=3") == true)
                #expect(whole.headers.first("X-Content-Type-Options") == "nosniff")
                #expect(whole.headers.first("Content-Security-Policy") == "default-src 'none'; sandbox")
                let part = try await get(link, [("Range", "bytes=2-5")])
                #expect(part.status == 206 && part.body == Array(bytes[2...5]))
                let etag = try #require(whole.headers.first("ETag"))
                #expect(try await get(link, [("If-None-Match", etag)]).status == 304)
                #expect(try await get(link, [("If-Match", etag)]).status == 200)
                #expect(try await get(path).status == 403)
                #expect(try await get(path.replacing("/uploads/whatsapp", with: "/media-files")).status == 404)
            }
        }
    }

    /// The snippet of docs/operating.md, with this site's address and folder.
    private static func snippet(_ site: Site) throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/operating.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let snippet = try #require(text.split(separator: "```nginx\n").last?.split(separator: "```").first)
        return String(snippet).replacing("http://127.0.0.1:3000", with: site.base)
            .replacing("/var/lib/vestibule/uploads/whatsapp/", with: site.uploads.path + "/whatsapp/")
    }
}
