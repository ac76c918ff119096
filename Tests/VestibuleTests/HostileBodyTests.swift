import Foundation
import Testing

/// Bodies that cost the server more than their sender.
@Suite(.timeLimit(.minutes(2)))
struct HostileBodyTests {
    @Test func `a body that nobody wants any more does not keep its connection`() async throws {
        try await Site.run { site in
            let connection = try RawConnection(site.base)
            try connection.send("POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n{")
            let start = ContinuousClock.now
            let answer = try connection.answer()
            #expect(answer.hasPrefix("HTTP/1.1 405 "))
            // Well under the 30 seconds that a body may take.
            #expect(start.duration(to: .now) < .seconds(15))
        }
    }

    @Test func `without keys a page of another site can send nothing`() async throws {
        try await Site.run(environment: ["API_KEYS": ""]) { site in
            let body = #"{"phoneNumber":"+15550100001","text":"Hi"}"#
            let head = "POST /whatsapp/send HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n"
            for headers in ["Host: 127.0.0.1\r\nOrigin: https://evil.example\r\n", "Host: evil.example\r\n"] {
                let connection = try RawConnection(site.base)
                try connection.send(head + headers + "\r\n" + body)
                #expect(try connection.answer().hasPrefix("HTTP/1.1 403 "))
            }
            #expect(
                try await site.postWebhook(Webhooks.text("Hello", id: "wamid.own", from: "15550100001")).status == 200)
            #expect(try await site.get("/rooms").status == 200)
        }
    }
}
