import Foundation
import JSON
import LiveKit
import LiveKitStandIn
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// A gateway beside a LiveKit server of its own.
struct LiveKitLab: Sendable {
    let harness: Harness
    let server: StandInLiveKit

    static let customer = "15550100001"
    static let room = "whatsapp_15550100001"
    var gateway: Gateway { harness.gateway }

    /// - Parameters:
    ///   - agent: as `LIVEKIT_AGENT_NAME`; its workers run.
    ///   - takingPart: with LiveKit's native library.
    static func run(
        _ engine: SQLEngine, agent: String? = nil, takingPart: Bool = false, graphURL: String = "http://127.0.0.1:9",
        isServing: Bool = true,
        _ body: @Sendable (LiveKitLab) async throws -> Void
    ) async throws {
        let server = try await StandInLiveKit.start()
        if let agent { try await server.control("agents", ["names": [.string(agent)]]) }
        let url = try #require(ServerURL(server.url))
        var timing = ServerTiming()
        timing.connect = .seconds(30)
        timing.request = .seconds(60)
        timing.total = .seconds(60)
        timing.attempts = 1
        var settings = LiveKitSettings(url: url, key: APIKey(id: server.key, secret: server.secret))
        settings.agentName = agent
        settings.timing = timing
        if takingPart {
            let command = try NativeProgram.command()
            (settings.participantProgram, settings.libraryPath) = (command[0], command[2])
            settings.mediaBase = "https://chat.example.org"
        }
        try await Harness.run(
            engine, graphURL: graphURL, isServing: isServing, change: { [settings] in $0.liveKit = settings }
        ) { harness in
            try await body(LiveKitLab(harness: harness, server: server))
        }
    }

    func write(_ text: String, id: String) async throws {
        try await harness.receive(messages: [harness.text(text, from: Self.customer, id: id)])
    }

    /// Waits until LiveKit has been told everything that has happened.
    func settled(at place: SourceLocation = #_sourceLocation) async throws {
        try await harness.wait("LiveKit is not told of everything", at: place) { [harness] in
            try await harness.count(
                """
                SELECT (SELECT COUNT(*) FROM jobs WHERE kind = 'livekit') + COALESCE((
                    SELECT CASE WHEN position = (SELECT position FROM event_counter) THEN 0 ELSE 1 END
                    FROM event_cursors), 1) AS n
                """) == 0
        }
    }

    /// Waits until somebody of this kind is in the room, as LiveKit sees it.
    func joined(_ kind: String, at place: SourceLocation = #_sourceLocation) async throws {
        try await harness.wait("no \(kind) joins", at: place) {
            try await participants().contains { $0.kind.name == kind }
        }
    }

    func participants() async throws -> [ParticipantInfo] {
        try await gateway.liveKit?.server.rooms.participants(in: Self.room) ?? []
    }

    func count(_ method: String) async throws -> Int { try await server.calls(method).count }

    /// The events that those in the room have got.
    func told() async throws -> [JSON] {
        try await server.packets(Self.room).map { packet in
            let data = try #require(packet["data"]?.string.flatMap { Data(base64Encoded: $0) })
            return try JSON(parsing: data)
        }
    }

    /// Hands the gateway a webhook as LiveKit would.
    func tell(_ event: String, _ fields: JSONObject) async throws {
        var body = fields
        body["event"] = .string(event)
        body["id"] = .string("EV_\(UUID().uuidString)")
        body["createdAt"] = .string(String(Int64(Date().timeIntervalSince1970)))
        let bytes = JSON.object(body).encoded()
        let signed = try await server.control("sign", ["body": .string(Data(bytes).base64EncodedString())])
        try await gateway.liveKit?.receive(authorization: signed["authorization"]?.string, body: bytes)
    }

    /// Does this, on a connection of the gateway's, while the customer's erasure is not committed, and commits that once it
    /// is waited for or passed by.
    func erasing<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Result<Value, any Error> {
        let now = harness.clock.now
        let phone = try #require(PhoneNumber(Self.customer))
        for id in try await harness.history(Self.customer).map(\.messageID) {
            try await gateway.erasure.eraseMessage(id.rawValue, in: RoomName(rawValue: Self.room))
        }
        return try await HeldTransaction(harness.database) { session in
            for person in try ErasedPerson.find(phone, nil, session) {
                try person.lock(session)
                try person.erase(at: now, session)
            }
        }.beside(body)
    }

    func present() async throws -> [String] {
        try await gateway.liveKit?.participants(in: RoomName(rawValue: Self.room)).map(\.identity) ?? []
    }

    /// The text streams that those who are connected have said.
    func heard() async throws -> [JSON] {
        try await server.control("heard", ["room": .string(Self.room)])["heard"]?.array ?? []
    }

    /// Says a text stream as somebody who has joined.
    func say(_ chunks: [String], by identity: String, on topic: String) async throws {
        try await server.control(
            "say",
            [
                "room": .string(Self.room), "identity": .string(identity), "topic": .string(topic),
                "chunks": .array(chunks.map { .string($0) }),
            ])
    }

    /// What was said to the customer.
    func answers() async throws -> [Message] {
        try await harness.history(Self.customer).filter { $0.direction == .outgoing }
    }
}
