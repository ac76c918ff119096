import Crypto
import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Secrets of endpoints are sealed, shown once, and changed without a break.
@Suite(.timeLimit(.minutes(10))) struct EndpointSecretTests {
    private static func key() -> Secret {
        Secret(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() })
    }

    private func stored(_ lab: EndpointLab) async throws -> String {
        try await lab.harness.database.read { session in
            try #require(try session.query("SELECT secret FROM webhook_endpoints").first).text("secret")
        }
    }

    @Test func `a secret has 24 to 64 bytes`() {
        func text(_ count: Int) -> String { "whsec_" + Data(repeating: 7, count: count).base64EncodedString() }
        for count in [24, 32, 64] { #expect(EndpointSecret(text(count)) != nil) }
        for wrong in [text(23), text(65), "whsec_", "whsec_§", String(text(32).dropFirst()), text(32) + " "] {
            #expect(EndpointSecret(wrong) == nil, "\(wrong)")
        }
        #expect(EndpointSecret(EndpointSecret().text.reveal()) != nil)
    }

    @Test func `what is sealed opens with its key, for its owner, and unchanged`() throws {
        let (first, second) = (Self.key(), Self.key())
        let sealed = try SecretBox([first]).seal(Secret("whsec_text"), of: "ep_1")
        #expect(!sealed.contains("whsec"))
        #expect(try SecretBox([second, first]).open(sealed, of: "ep_1").reveal() == "whsec_text")
        #expect(throws: GatewayError.self) { try SecretBox([second]).open(sealed, of: "ep_1") }
        #expect(throws: GatewayError.self) { try SecretBox([]).open(sealed, of: "ep_1") }
        #expect(throws: GatewayError.self) { try SecretBox([first]).open(sealed, of: "ep_2") }
        #expect(throws: GatewayError.self) { try SecretBox([first]).open(sealed.replacing("=", with: "A"), of: "ep_1") }
        #expect(try SecretBox([first]).open("whsec_plain", of: "ep_1").reveal() == "whsec_plain")
    }

    @Test(arguments: Engines.all)
    func `secrets are sealed under the first key, and anew when that changes`(_ engine: SQLEngine) async throws {
        let (first, second) = (Self.key(), Self.key())
        try await EndpointLab.run(engine, isServing: false) { lab in
            #expect(try await stored(lab).hasPrefix("whsec_"))
            var known = ""
            for keys in [[first], [second, first]] {
                var settings = lab.harness.settings
                settings.encryptionKeys = keys
                let gateway = try await Harness.open(settings, lab.harness.clock)
                let sealed = try await stored(lab)
                #expect(sealed.hasPrefix("sealed:") && sealed != known)
                known = sealed
                #expect(await gateway.endpoints.delivery.test(lab.endpoint).isDelivered)
                let endpoint = try await gateway.endpoints.find(lab.endpoint.id)
                #expect(await gateway.endpoints.delivery.test(endpoint).isDelivered)
                await gateway.close()
            }
            let outcome = await lab.harness.gateway.endpoints.delivery.test(try await lab.state())
            #expect(!outcome.isDelivered && outcome.reason.contains("ENCRYPTION_KEY"))
            // With the key gone, a new secret helps at once.
            _ = try await lab.control.rotate(lab.endpoint.id, to: nil)
            #expect(try await lab.control.test(lab.endpoint.id).isDelivered)
            #expect(Set(lab.backend.taken.map { $0.headers["webhook-signature"]?.count }) == [47])
        }
    }

    @Test(arguments: Engines.all)
    func `after a rotation both secrets sign for a day`(_ engine: SQLEngine) async throws {
        try await EndpointLab.run(engine, isServing: false) { lab in
            let (_, fresh) = try await lab.control.rotate(lab.endpoint.id, to: nil)
            #expect(try await stored(lab) == fresh.text.reveal())
            func signatures() async throws -> [Substring] {
                #expect(try await lab.control.test(lab.endpoint.id).isDelivered)
                return try #require(lab.backend.taken.last?.headers["webhook-signature"]).split(separator: " ")
            }
            let both = try await signatures()
            #expect(both.count == 2 && both[0] != both[1] && both.allSatisfy { $0.hasPrefix("v1,") })
            lab.harness.clock.advance(by: .seconds(86_400))
            #expect(try await signatures().count == 1)
        }
    }
}
