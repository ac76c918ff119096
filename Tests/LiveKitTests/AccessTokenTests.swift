import Crypto
import Foundation
import JSON
import Testing

@testable import LiveKit

@Suite(.timeLimit(.minutes(5))) struct AccessTokenTests {
    private let key = APIKey(id: "APItest", secret: "a secret of the tests, long enough for LiveKit")
    private let now: Int64 = 1_795_230_256_789

    private static var everything: AccessToken {
        var grants = VideoGrants.join("whatsapp_491701234567")
        grants.roomCreate = true
        grants.roomList = true
        grants.roomAdmin = true
        grants.canPublish = false
        grants.canSubscribe = true
        grants.canPublishData = true
        grants.canUpdateOwnMetadata = true
        grants.hidden = true
        var token = AccessToken(grants, identity: "customer-1")
        token.name = "Zoë \"Z\" 👋"
        token.metadata = #"{"phone":"+491701234567"}"#
        token.attributes = ["channel": "Customer", "empty": ""]
        token.kind = .connector
        token.kindDetails = ["connector_whatsapp"]
        var room = RoomConfiguration()
        room.metadata = "m0"
        room.emptyTimeout = 60
        room.departureTimeout = 30
        room.agents = [AgentRequest(name: "helper", metadata: "m1"), AgentRequest(name: "")]
        token.room = room
        return token
    }

    @Test func `LiveKit's own verifier reads in a token what was put into it`() async throws {
        let server = try await TestServer.started()
        let token = try Self.everything.signed(by: server.key, at: milliseconds(), life: 60)
        let verdict = try await server.verdict(on: token)
        let claims = try #require(verdict["claims"])
        #expect(claims["identity"] == "customer-1")
        #expect(claims["name"] == "Zoë \"Z\" 👋")
        #expect(claims["kind"] == "connector")
        #expect(claims["metadata"] == #"{"phone":"+491701234567"}"#)
        #expect(claims["attributes"] == ["channel": "Customer", "empty": ""])
        let video = try #require(claims["video"])
        for grant in [
            "roomCreate", "roomList", "roomAdmin", "roomJoin", "canSubscribe", "canPublishData",
            "canUpdateOwnMetadata", "hidden",
        ] { #expect(video[grant] == true, "\(grant)") }
        #expect(video["canPublish"] == false)
        #expect(video["room"] == "whatsapp_491701234567")
        #expect(
            claims["roomConfig"] == [
                "metadata": "m0", "emptyTimeout": 60, "departureTimeout": 30,
                "agents": [["agentName": "helper", "metadata": "m1"], [:]],
            ])
        // The library doesn't show these.
        #expect(verdict["plain"]?["kindDetails"] == ["connector_whatsapp"])
        #expect(verdict["plain"]?["iss"] == .string(server.key.id))
    }

    @Test func `each grant is seen alone, and nothing else with it`() async throws {
        let server = try await TestServer.started()
        let changes: [(String, (inout VideoGrants) -> Void)] = [
            ("roomCreate", { $0.roomCreate = true }), ("roomList", { $0.roomList = true }),
            ("roomAdmin", { $0.roomAdmin = true }), ("canPublish", { $0.canPublish = true }),
            ("canSubscribe", { $0.canSubscribe = true }), ("canPublishData", { $0.canPublishData = true }),
            ("canUpdateOwnMetadata", { $0.canUpdateOwnMetadata = true }), ("hidden", { $0.hidden = true }),
        ]
        for (name, change) in changes {
            var grants = VideoGrants()
            change(&grants)
            let token = try AccessToken(grants).signed(by: server.key, at: milliseconds(), life: 60)
            let plain = try await server.verdict(on: token)["plain"]
            #expect(plain?["video"] == .object([name: true]))
        }
    }

    @Test func `LiveKit's own verifier refuses a token whose time is over, and one of another secret`() async throws {
        let server = try await TestServer.started()
        let old = try AccessToken(.list).signed(by: server.key, at: milliseconds() - 300_000, life: 60)
        #expect(try await server.verdict(on: old)["refused"] == "ExpiredSignatureError")
        let other = APIKey(id: server.key.id, secret: "some other secret, as long as the one it is not")
        let foreign = try AccessToken(.list).signed(by: other, at: milliseconds(), life: 60)
        #expect(try await server.verdict(on: foreign)["refused"] == "InvalidSignatureError")
    }

    @Test func `a token made by LiveKit's library is read`() async throws {
        let server = try await TestServer.started()
        let made = try await server.control("token", ["identity": "alice", "room": "r1"])
        let token = try TokenVerifier(key: server.key).verify(try #require(made["token"]?.string), at: milliseconds())
        #expect(token.identity == "alice")
        #expect(token.grants.room == "r1")
        #expect(token.grants.roomJoin)
        #expect(token.grants.canPublish == true)
        #expect(!token.grants.roomAdmin)
    }

    @Test func `what was signed is read again whole`() throws {
        let signed = try Self.everything.signed(by: key, at: now, life: 60)
        #expect(try TokenVerifier(key: key).verify(signed.reveal(), at: now) == Self.everything)
    }

    @Test func `a token for joining needs a room and an identity`() {
        #expect(throws: TokenError.incomplete) {
            try AccessToken(.join("r1")).signed(by: key, at: now, life: 60)
        }
        #expect(throws: TokenError.incomplete) {
            try AccessToken(.join("r1"), identity: "").signed(by: key, at: now, life: 60)
        }
        #expect(throws: TokenError.incomplete) {
            try AccessToken(.join(""), identity: "alice").signed(by: key, at: now, life: 60)
        }
    }

    @Test(arguments: [Int64.min, -1, 0, AccessToken.longestLife + 1, .max])
    func `a token holds for a second at least and for a day at most`(life: Int64) {
        #expect(throws: TokenError.lifeOutOfBounds) { try AccessToken(.list).signed(by: key, at: now, life: life) }
    }

    @Test func `a token is believed for its time and a minute on both sides`() throws {
        let jwt = try AccessToken(.list).signed(by: key, at: now, life: 60).reveal()
        let verifier = TokenVerifier(key: key)
        let start = now / 1000 * 1000
        for later: Int64 in [-60_000, 0, 119_999] {
            #expect(try verifier.verify(jwt, at: start + later).grants == .list)
        }
        #expect(throws: TokenError.notYetValid) { try verifier.verify(jwt, at: start - 60_001) }
        #expect(throws: TokenError.expired) { try verifier.verify(jwt, at: start + 120_000) }
    }

    @Test func `a token without an end, or with a time that is no number, is refused`() {
        let wrong: [(JSON, TokenError)] = [
            (["iss": "APItest"], .expired), (["iss": "APItest", "exp": "9999999999"], .expired),
            (["iss": "APItest", "exp": 9_999_999_999, "nbf": "0"], .malformed),
        ]
        for (claims, error) in wrong {
            #expect(throws: error) { try TokenVerifier(key: key).verify(JWT.signed(claims, by: key), at: now) }
        }
        #expect(throws: Never.self) {
            let claims: JSON = ["iss": "APItest", "exp": 1_795_230_300.5]
            _ = try TokenVerifier(key: key).verify(JWT.signed(claims, by: key), at: now)
        }
    }

    @Test func `a token in another key's name is refused though the secret fits`() throws {
        let twin = APIKey(id: "APIother", secret: "a secret of the tests, long enough for LiveKit")
        let jwt = try AccessToken(.list).signed(by: twin, at: now, life: 60).reveal()
        #expect(throws: TokenError.foreignIssuer) { try TokenVerifier(key: key).verify(jwt, at: now) }
    }

    @Test func `no character of a token can be changed`() throws {
        let jwt = Array(try AccessToken(.list).signed(by: key, at: now, life: 60).reveal().utf8)
        let verifier = TokenVerifier(key: key)
        for place in jwt.indices where jwt[place] != UInt8(ascii: ".") {
            var changed = jwt
            changed[place] = jwt[place] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
            #expect(throws: TokenError.self) {
                try verifier.verify(String(decoding: changed, as: UTF8.self), at: now)
            }
        }
    }

    @Test(arguments: ["none", "HS512", "RS256", ""])
    func `only HS256 counts, whatever the header asks for`(algorithm: String) {
        let claims = encoded(#"{"iss":"APItest","exp":9999999999}"#)
        let head = encoded(#"{"alg":"\#(algorithm)","typ":"JWT"}"#)
        let signature = key.signature(of: "\(head).\(claims)").base64EncodedString()
        let signed = "\(head).\(claims).\(urlForm(signature))"
        for jwt in [signed, "\(head).\(claims)."] {
            #expect(throws: TokenError.badSignature) { try TokenVerifier(key: key).verify(jwt, at: now) }
        }
    }

    @Test(arguments: [
        "", ".", "..", "...", "a.b", "a.b.c.d", "Bearer a.b.c", "ä.b.c", "a.b.c=", "a b.c.d",
        String(repeating: "a", count: 300_000),
    ])
    func `what is no token is refused`(jwt: String) {
        #expect(throws: TokenError.self) { try TokenVerifier(key: key).verify(jwt, at: now) }
    }

    @Test func `neither key nor token shows its secret`() throws {
        let token = try AccessToken(.list).signed(by: key, at: now, life: 60)
        var shown = "\(token) \(String(reflecting: token)) \(key) \(String(reflecting: key))"
        dump(token, to: &shown)
        dump(key, to: &shown)
        #expect(!shown.contains("secret of"))
        #expect(!shown.contains("eyJ"))
        #expect(shown.contains("APItest"))
    }

    private func encoded(_ text: String) -> String { urlForm(Data(text.utf8).base64EncodedString()) }

    private func urlForm(_ base64: String) -> String {
        base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
