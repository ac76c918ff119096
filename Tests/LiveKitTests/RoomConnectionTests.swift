import Foundation
import JSON
import LiveKitStandIn
import Testing

@testable import LiveKit

/// The real native library against the stand-in's signalling and data channels.
@Suite(.timeLimit(.minutes(5))) struct RoomConnectionTests {
    private static let room = "whatsapp_15550100001"

    private static func library() throws -> ParticipantLibrary {
        try ParticipantLibrary(command: NativeProgram.command())
    }

    private static func token(_ server: TestServer, _ identity: String = "bridge") throws -> SignedToken {
        var grants = VideoGrants.join(room)
        grants.canPublishData = true
        grants.canUpdateOwnMetadata = true
        var token = AccessToken(grants, identity: identity)
        token.name = "Jo Instance"
        token.kind = .connector
        token.kindDetails = ["connector_whatsapp"]
        return try token.signed(by: server.key, at: milliseconds(), life: 600)
    }

    /// Joins the room in which alice is, and leaves it at the end.
    private static func run(
        backlog: Int = 1000, _ body: (TestServer, RoomConnection) async throws -> Void
    ) async throws {
        let server = try await TestServer.started()
        try await server.standIn.join(room, "alice")
        let library = try library()
        let connection = try await RoomConnection.join(
            library, url: server.url.signalling, token: token(server), topics: ["lk.chat"],
            attributes: ["vestibule.channel": "whatsapp"], backlog: backlog)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(server, connection))
        } catch {
            outcome = .failure(error)
        }
        await connection.leave()
        await library.close()
        try outcome.get()
    }

    private static func say(
        _ server: TestServer, _ chunks: [String], _ identity: String = "alice", topic: String = "lk.chat"
    ) async throws {
        try await server.control(
            "say",
            [
                "room": .string(room), "identity": .string(identity), "topic": .string(topic),
                "chunks": .array(chunks.map { .string($0) }), "attributes": ["a": "b"],
            ])
    }

    private static func heard(_ server: TestServer, _ count: Int) async throws -> [JSON] {
        while true {
            let heard = try await server.control("heard", ["room": .string(room)])["heard"]?.array ?? []
            if heard.count >= count { return heard }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `who joins is seen as what the token says, and sees who is there`() async throws {
        try await Self.run { server, connection in
            #expect(Array(connection.others.keys) == ["alice"])
            let seen = try await server.rooms().participants(in: Self.room)
            let own = try #require(seen.first { $0.identity == "bridge" })
            #expect(own.kind == .connector && own.name == "Jo Instance")
            #expect(own.sid == connection.sid && !connection.sid.isEmpty)
            #expect(own.attributes == ["vestibule.channel": "whatsapp"])
        }
    }

    @Test func `what is said is heard whole, by those it is for, however long it is`() async throws {
        try await Self.run { server, connection in
            let long = String(repeating: "grüße ", count: 6000)
            for text in ["Hello", long] {
                try await connection.say(text, topic: "lk.chat", to: ["alice"], attributes: ["messageId": "m1"])
            }
            let heard = try await Self.heard(server, 2)
            #expect(heard.map { $0["text"]?.string } == ["Hello", long])
            #expect(heard.allSatisfy { $0["destinations"] == ["alice"] && $0["topic"]?.string == "lk.chat" })
            #expect(heard.allSatisfy { $0["attributes"]?["messageId"]?.string == "m1" })
        }
    }

    @Test func `text streams of the wanted topics come whole, with who said them, and who comes and goes is known`()
        async throws
    {
        try await Self.run { server, connection in
            try await Self.say(server, ["not ", "wanted"], topic: "other")
            try await Self.say(server, ["Good ", "morn", "ing"])
            try await server.standIn.join(Self.room, "bob")
            try await server.control("leave", ["room": .string(Self.room), "identity": "bob"])
            var texts: [RoomText] = []
            for await case .said(let text) in connection.activities {
                texts.append(text)
                break
            }
            while connection.member("bob") == nil || connection.others["bob"] != nil {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(texts.map(\.text) == ["Good morning"])
            #expect(texts.first?.identity == "alice" && texts.first?.topic == "lk.chat")
            #expect(texts.first?.attributes == ["a": "b"] && texts.first?.streamID.isEmpty == false)
            await connection.leave()
            let seen = try await server.rooms().participants(in: Self.room)
            #expect(!seen.contains { $0.identity == "bridge" })
        }
    }

    @Test func `texts beyond those that may wait are counted, and the first ones are kept`() async throws {
        try await Self.run(backlog: 2) { server, connection in
            for text in ["One", "Two", "Three", "Four", "Five"] { try await Self.say(server, [text]) }
            while connection.dropped < 3 { try await Task.sleep(for: .milliseconds(20)) }
            await connection.leave()
            var texts: [String] = []
            for await case .said(let text) in connection.activities { texts.append(text.text) }
            #expect(texts == ["One", "Two"])
            #expect(connection.dropped == 3)
        }
    }

    @Test func `who is thrown out hears so, and says nothing more`() async throws {
        try await Self.run { server, connection in
            try await server.control("leave", ["room": .string(Self.room), "identity": "bridge"])
            var isOver = false
            for await activity in connection.activities {
                if case .ended = activity { isOver = true }
            }
            #expect(isOver)
            await #expect(throws: ParticipantError.ended) {
                try await connection.say("Hello?", topic: "lk.chat", to: ["alice"])
            }
        }
    }

    @Test func `a token of somebody else's joins nothing, and is not quoted`() async throws {
        let server = try await TestServer.started()
        let stranger = try await TestServer.started()
        let foreign = TestServer(
            standIn: server.standIn, url: server.url, key: APIKey(id: server.key.id, secret: stranger.secret))
        let token = try Self.token(foreign)
        do {
            let connection = try await RoomConnection.join(
                Self.library(), url: server.url.signalling, token: token, topics: [], attributes: [:])
            await connection.leave()
            Issue.record("joined")
        } catch let error as ParticipantError {
            guard case .failed = error else { throw error }
            #expect(!error.summary.contains(token.reveal().suffix(20)))
        }
    }

    @Test func `what is no native library is said to be none`() async throws {
        let program = try NativeProgram.command()[0]
        for path in ["/nowhere/liblivekit_ffi.so", "/etc/passwd", program] {
            let library = ParticipantLibrary(command: [program, "livekit-participant", path])
            let error = await #expect(throws: ParticipantError.self) { _ = try await library.process() }
            guard case .noLibrary = error else { throw error ?? .ended }
            #expect(throws: ParticipantError.self) { try NativeLibrary(path) }
        }
    }

    @Test func `a library that crashes ends its rooms alone, and they can be joined again`() async throws {
        let server = try await TestServer.started()
        try await server.standIn.join(Self.room, "alice")
        let library = try Self.library()
        func join() async throws -> RoomConnection {
            try await RoomConnection.join(
                library, url: server.url.signalling, token: Self.token(server), topics: ["lk.chat"], attributes: [:])
        }
        let connection = try await join()
        try await library.process().kill()
        var ending: [Int?] = []
        for await activity in connection.activities {
            if case .ended(let reason) = activity { ending.append(reason) }
        }
        #expect(ending == [nil])
        await #expect(throws: ParticipantError.ended) { try await connection.set([:]) }
        await connection.leave()
        while true {
            do {
                let again = try await join()
                try await again.say("Back", topic: "lk.chat", to: ["alice"])
                await again.leave()
                break
            } catch ParticipantError.noLibrary {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(try await Self.heard(server, 1).map { $0["text"]?.string } == ["Back"])
        await library.close()
    }

    @Test func `a library that hangs is ended`() async throws {
        // It says that it is there, and then takes nothing in.
        let hello = #"printf '\011\000\000\000\000\000\000\000\000\000\000\000\000'; exec sleep 600"#
        let process = try await NativeProcess.start(["/bin/sh", "-c", hello])
        await #expect(throws: ParticipantError.timedOut) {
            _ = try await process.call(11, within: .milliseconds(50)) { request, id in request.integer(3, id) }
        }
        while !process.events.isOver { try await Task.sleep(for: .milliseconds(10)) }
        await #expect(throws: ParticipantError.ended) {
            _ = try await process.call(11, within: .seconds(600)) { request, id in request.integer(3, id) }
        }
    }
}
