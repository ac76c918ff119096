import Fetch
import Testing

/// Who gets in at the webhook: signatures and the verification, by the fixtures' cases.
@Suite(.timeLimit(.minutes(5)))
struct FixtureDoorTests {
    @Test(arguments: Storage.engines)
    func `a wrong signature is refused and stores nothing`(_ storage: Storage) async throws {
        try await Site.runForFixtures(storage) { site, fixtures in
            #expect(fixtures.refused.count == 7)
            for header in fixtures.refused {
                let answer = try await site.post(try fixtures.webhook(header.file).body, header: header.value)
                #expect(answer.status == 401, "\(header.what)")
                #expect(answer.errorCode == "WEBHOOK_VERIFICATION_FAILED", "\(header.what)")
            }
            // The right signature of another body, and of this body with one more byte.
            let webhook = try fixtures.webhook("message-text")
            let other = try fixtures.webhook("message-image").signature
            #expect(try await site.post(webhook.body, header: other).status == 401)
            #expect(try await site.post(webhook.body + [0x20], header: webhook.signature).status == 401)
            for table in FixtureDump.tables + ["webhook_events", "jobs"] {
                #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM \(table)") == 0, "\(table)")
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `a signature in upper case passes`(_ storage: Storage) async throws {
        try await Site.runForFixtures(storage) { site, fixtures in
            #expect(!fixtures.accepted.isEmpty)
            for header in fixtures.accepted {
                let answer = try await site.post(try fixtures.webhook(header.file).body, header: header.value)
                #expect(answer.status == 200 && answer.text == #"{"success":true}"#, "\(header.what)")
            }
            #expect(try await site.messages("15550100001").count == 1)
        }
    }

    @Test func `the verification answers the challenge to the right token only`() async throws {
        try await Site.runForFixtures(.sqlite) { site, fixtures in
            #expect(fixtures.verifications.count == 6)
            for verification in fixtures.verifications {
                let query = verification.query.isEmpty ? "" : "?" + verification.query
                let answer = try await site.get("/whatsapp/webhook" + query)
                #expect(answer.status == verification.status, "\(verification.query)")
                if let body = verification.body {
                    #expect(answer.text == body)
                    #expect(answer.headers.first("Content-Type")?.hasPrefix("text/plain") == true)
                } else {
                    #expect(!answer.text.contains("1158201444"), "\(verification.query)")
                    #expect(!answer.text.contains(fixtures.verifyToken), "\(verification.query)")
                }
            }
        }
    }
}

extension Site {
    /// - Parameter header: the whole of `X-Hub-Signature-256`; nil leaves it out.
    fileprivate func post(_ body: [UInt8], header: String?) async throws -> FetchResponse {
        try await call(
            "POST", "/whatsapp/webhook", bytes: body, headers: header.map { [("X-Hub-Signature-256", $0)] } ?? [])
    }
}
