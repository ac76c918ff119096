import Crypto
import Foundation
import JSON
import Testing

@testable import LiveKit

@Suite(.timeLimit(.minutes(5))) struct WebhookTests {
    private static let joined = """
        {"event":"participant_joined","room":{"sid":"RM_1","name":"b-room","emptyTimeout":60,"creationTime":"1795230256",
        "metadata":"m0"}, "participant":{"sid":"PA_1","identity":"alice","state":"ACTIVE","metadata":"pm",
        "joinedAt":"1795230257","name":"Alicé","attributes":{"a":"b"}},"id":"EV_1","createdAt":"1795230258"}
        """

    /// Signed by LiveKit's own library.
    private func signed(_ server: TestServer, _ body: String, _ change: JSONObject = [:]) async throws -> String {
        var request = change
        request["body"] = .string(Data(body.utf8).base64EncodedString())
        return try #require(try await server.control("sign", request)["authorization"]?.string)
    }

    private func receive(_ server: TestServer, _ authorization: String?, _ body: String) throws -> WebhookEvent {
        try WebhookReceiver(key: server.key).receive(
            authorization: authorization, body: Array(body.utf8), at: milliseconds())
    }

    @Test func `a webhook signed by LiveKit's library is believed and read`() async throws {
        let server = try await TestServer.started()
        let authorization = try await signed(server, Self.joined)
        for header in [authorization, "Bearer \(authorization)"] {
            let event = try receive(server, header, Self.joined)
            #expect(event.kind == .participantJoined)
            #expect(event.id == "EV_1")
            #expect(event.createdAt == 1_795_230_258_000)
            #expect(event.dropped == 0)
            let room = try #require(event.room)
            #expect(room.sid == "RM_1")
            #expect(room.name == "b-room")
            #expect(room.metadata == "m0")
            #expect(room.createdAt == 1_795_230_256_000)
            #expect(room.participants == 0)
            let participant = try #require(event.participant)
            #expect(participant.identity == "alice")
            #expect(participant.name == "Alicé")
            #expect(participant.kind == .standard)
            #expect(participant.state == .active)
            #expect(participant.attributes == ["a": "b"])
            #expect(participant.joinedAt == 1_795_230_257_000)
            #expect(participant.disconnectReason == nil)
        }
    }

    @Test func `one changed byte of the body, added white space included, is refused`() async throws {
        let server = try await TestServer.started()
        let authorization = try await signed(server, Self.joined)
        for body in [Self.joined.replacing("alice", with: "alicf"), Self.joined + " ", "", "{}"] {
            #expect(throws: WebhookReceiver.Refusal.otherBody) { try receive(server, authorization, body) }
        }
    }

    @Test func `another secret, another key, a time that is over and no token at all are refused`() async throws {
        let server = try await TestServer.started()
        let forged = try await signed(server, Self.joined, ["secret": "a secret that LiveKit and we do not share"])
        #expect(throws: WebhookReceiver.Refusal.badToken(.badSignature)) { try receive(server, forged, Self.joined) }
        let foreign = try await signed(server, Self.joined, ["issuer": "APIforeign"])
        #expect(throws: WebhookReceiver.Refusal.badToken(.foreignIssuer)) {
            try receive(server, foreign, Self.joined)
        }
        let old = try await signed(server, Self.joined, ["life": -61])
        #expect(throws: WebhookReceiver.Refusal.badToken(.expired)) { try receive(server, old, Self.joined) }
        #expect(throws: WebhookReceiver.Refusal.unsigned) { try receive(server, nil, Self.joined) }
        #expect(throws: WebhookReceiver.Refusal.unsigned) { try receive(server, "", Self.joined) }
        #expect(throws: WebhookReceiver.Refusal.badToken(.malformed)) {
            try receive(server, "Bearer", Self.joined)
        }
    }

    @Test func `a token for joining is no webhook's`() async throws {
        let server = try await TestServer.started()
        let token = try #require(
            try await server.control("token", ["identity": "alice", "room": "r"])["token"]?.string)
        #expect(throws: WebhookReceiver.Refusal.otherBody) { try receive(server, token, Self.joined) }
    }

    @Test func `events, fields and values nobody knows yet are no fault`() async throws {
        let server = try await TestServer.started()
        let body = """
            {"event":"something_new","id":"EV_2","createdAt":1795230258,"numDropped":3,"new":{"a":[1]},
             "room":{"name":"r","numParticipants":2,"new":null},
             "participant":{"identity":"p","kind":"ROBOT","state":"ASLEEP","kindDetails":["NEW"],"attributes":{"a":1}}}
            """
        let event = try receive(server, try await signed(server, body), body)
        #expect(event.kind == .other("something_new"))
        #expect(event.dropped == 3)
        #expect(event.createdAt == 1_795_230_258_000)
        #expect(event.room?.participants == 2)
        #expect(event.participant?.kind == .other("robot"))
        #expect(event.participant?.state == .other("ASLEEP"))
        #expect(event.participant?.attributes == [:])
    }

    @Test(arguments: ["", "no JSON", "[]", "{}", #"{"event":null}"#, #"{"event":""}"#, "\u{0}"])
    func `a signed body without an event in it says so`(body: String) async throws {
        let server = try await TestServer.started()
        let authorization = try await signed(server, body)
        #expect(throws: WebhookReceiver.Refusal.noEvent) { try receive(server, authorization, body) }
    }

    @Test func `a webhook's digest is refused in every form but Base64`() async throws {
        let server = try await TestServer.started()
        let digest = SHA256.hash(data: Data(Self.joined.utf8))
        for form in [digest.map { String(format: "%02x", $0) }.joined(), "", "AAAA"] {
            var token = AccessToken(VideoGrants())
            token.bodyHash = form
            let jwt = try token.signed(by: server.key, at: milliseconds(), life: 60).reveal()
            #expect(throws: WebhookReceiver.Refusal.otherBody) { try receive(server, jwt, Self.joined) }
        }
    }
}
