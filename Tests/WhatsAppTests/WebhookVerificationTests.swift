import Foundation
import JSON
import Testing

@testable import WhatsApp

@Suite struct WebhookVerificationTests {
    @Test func `each query of the fixtures is answered as it should be`() throws {
        let fixture = try #require(try WebhookFixtures.signatures()["verification_get"])
        let expected = Secret(try #require(fixture["verify_token"]?.string))
        let cases = try #require(fixture["cases"]?.array)
        #expect(cases.count == 6)
        for one in cases {
            let query = try #require(one["query"]?.string)
            let parameters = URLComponents(string: "http://localhost/?" + query)?.queryItems ?? []
            func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
            let answer = WebhookVerification.answer(
                mode: value("hub.mode"), token: value("hub.verify_token"), challenge: value("hub.challenge"),
                expected: expected)
            let wanted: WebhookVerification =
                switch one["status"]?.int {
                case 200: .challenge(one["body"]?.string ?? "")
                case 403: .refused
                default: .malformed
                }
            #expect(answer == wanted, "\(query)")
        }
    }

    @Test func `an empty verify token lets nobody in`() {
        let answer = WebhookVerification.answer(mode: "subscribe", token: "", challenge: "1", expected: Secret(""))
        #expect(answer == .refused)
    }

    @Test func `a challenge is given back unchanged`() {
        let challenge = "  \u{1F98A} <b>&amp;  "
        let answer = WebhookVerification.answer(
            mode: "subscribe", token: "t", challenge: challenge, expected: Secret("t"))
        #expect(answer == .challenge(challenge))
    }
}
