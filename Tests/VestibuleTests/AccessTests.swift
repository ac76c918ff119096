import Fetch
import Foundation
import JSON
import Testing

/// Who gets in, and on which addresses the server dares to listen.
@Suite(.timeLimit(.minutes(10)))
struct AccessTests {
    private static let keys = ["first-key-0123456789", "second-key-0123456789"]
    private static let phone = "+15550100001"

    @Test func `where keys are set, everything but webhooks, media and health wants one`() async throws {
        try await Site.run(environment: ["API_KEYS": Self.keys.joined(separator: ",")]) { site in
            let customer = try await site.meta.sendMedia("image", from: Self.phone)
            let key = [("X-API-Key", Self.keys[0])]
            let path = "/whatsapp/messages/\(Self.phone)"
            let messages = try await eventually("the picture is ready") {
                let messages = try await site.get(path, headers: key).json
                return messages[0]?["mediaStatus"] == "ready" ? messages : nil
            }
            #expect(messages[0]?["whatsappMessageId"]?.string == customer)

            let closed = [
                ("GET", path), ("GET", "/rooms"), ("GET", "/rooms/whatsapp_15550100001"),
                ("PATCH", "/rooms/whatsapp_15550100001"), ("GET", "/search?q=a"),
                ("GET", "/rooms/whatsapp_15550100001/messages"), ("POST", "/rooms/whatsapp_15550100001/messages"),
                ("POST", "/rooms/whatsapp_15550100001/read"), ("POST", "/rooms/whatsapp_15550100001/typing"),
                ("POST", "/whatsapp/send"), ("GET", "/ready"), ("GET", "/metrics"), ("GET", "/openapi.yaml"),
            ]
            let wrong: [[(String, String)]] = [
                [], [("X-API-Key", "")], [("X-API-Key", "wrong-key-0123456789")],
                [("X-API-Key", String(Self.keys[0].dropLast()))], [("X-API-Key", Self.keys.joined(separator: ","))],
                [("Authorization", "Bearer wrong-key-0123456789")], [("Authorization", "Basic \(Self.keys[0])")],
                [("Authorization", Self.keys[0])],
            ]
            for (method, path) in closed {
                for headers in wrong {
                    let answer = try await site.call(method, path, method == "POST" ? [:] : nil, headers: headers)
                    #expect(answer.status == 401 && answer.errorCode == "UNAUTHORIZED", "\(method) \(path) \(headers)")
                    #expect(answer.headers.first("WWW-Authenticate") == "Bearer")
                }
            }
            for headers in [key, [("X-API-Key", Self.keys[1])], [("Authorization", "Bearer \(Self.keys[1])")]] {
                #expect(try await site.get(path, headers: headers).json == messages)
                #expect(try await site.get("/metrics", headers: headers).status == 200)
            }

            #expect(try await site.get("/health").status == 200)
            #expect(try await site.get(try #require(messages[0]?["mediaUrl"]?.string)).status == 200)
            let webhook = Webhooks.text("Hello", id: "wamid.open", from: "15550100001")
            #expect(try await site.postWebhook(webhook).status == 200)
        }
    }

    @Test func `the webhook is verified by its token alone`() async throws {
        try await Site.run { site in
            let path = "/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
            let right = try await site.get(path + "simulator-verify")
            #expect(right.status == 200 && right.text == "1158201444")
            #expect(right.headers.first("Content-Type")?.hasPrefix("text/plain") == true)
            for query in [
                path + "wrong", path, "/whatsapp/webhook?hub.mode=x&hub.challenge=1&hub.verify_token=simulator-verify",
            ] {
                let refused = try await site.get(query)
                #expect(refused.status == 403 && !refused.text.contains("1158201444"), "\(query): \(refused.text)")
            }
        }
    }

    @Test func `without keys or an app secret the server keeps to loopback, unless told otherwise`() async throws {
        try await withFolder { folder in
            let complete = [
                "HOST": "0.0.0.0", "PORT": "0", "API_KEYS": Self.keys[0],
                "WHATSAPP_APP_SECRET": "app-secret-0123456789",
            ]
            for missing in ["API_KEYS", "WHATSAPP_APP_SECRET"] {
                let environment = complete.filter { $0.key != missing }
                let result = try await Program.run(["serve"], environment: environment, folder: folder)
                #expect(result.ending == .exit(1))
                let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("vestibule: ") }
                #expect(lines.contains { $0.contains("HOST") && $0.contains(missing) }, "\(result.errors)")
                #expect(result.errors.contains("--insecure"))
                for (name, value) in complete where name != "HOST" && name != "PORT" {
                    #expect(!result.errors.contains(value))
                }
            }
            let simulated = try await Program.run(
                ["serve", "--simulate", "--simulator-port", "0"], environment: complete, folder: folder)
            #expect(simulated.ending == .exit(1) && simulated.errors.contains("simulator"), "\(simulated.errors)")
        }
        try await Site.run(environment: ["HOST": "0.0.0.0", "API_KEYS": Self.keys[0]]) { site in
            let answer = try await site.get("/rooms")
            #expect(answer.status == 401)
        }
        try await Site.run(environment: ["HOST": "0.0.0.0"], arguments: ["serve", "--insecure"]) { site in
            let answer = try await site.get("/rooms")
            #expect(answer.status == 200)
            #expect(site.program.log.contains("warning insecure: API_KEYS is not set"))
        }
    }
}
