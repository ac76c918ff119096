import Foundation
import JSON
import Testing

/// Frames that no proper client sends, and listeners that don't listen: bounded, and nobody else notices.
@Suite(.timeLimit(.minutes(10)))
struct SocketFrameTests {
    private func closing(_ site: Site, _ act: (SocketClient) throws -> Void) async throws -> Int {
        let socket = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
        do {
            try act(socket)
        } catch is StreamConnection.Ended {
            // It was closed while more was being sent.
        }
        guard case .close(let code, let reason) = await socket.closed() else { return 0 }
        #expect(!reason.isEmpty)
        #expect(await socket.next() == .end)
        return code
    }

    @Test func `frames that are not allowed close their socket with a code and a reason`() async throws {
        try await SocketTests.run(.sqlite) { site in
            let bystander = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
            let text = Array("{}".utf8)
            let large = 65 * 1024
            #expect(try await closing(site) { try $0.send(text, masked: false) } == 1002)
            #expect(try await closing(site) { try $0.send(text, first: 0xC1) } == 1002)
            #expect(try await closing(site) { try $0.send(text, first: 0x83) } == 1002)
            #expect(try await closing(site) { try $0.send(text, first: 0x80) } == 1002)
            #expect(try await closing(site) { try $0.send(text, first: 0x09) } == 1002)
            #expect(try await closing(site) { try $0.send(Array(repeating: 1, count: 126), first: 0x89) } == 1002)
            #expect(try await closing(site) { try $0.send(text, first: 0x82) } == 1003)
            #expect(try await closing(site) { try $0.send([0xFF, 0xFE]) } == 1007)
            #expect(try await closing(site) { try $0.send([], announcing: large) } == 1009)
            #expect(try await closing(site) { try $0.send([], announcing: .max) } == 1009)
            let fragments = { (socket: SocketClient) in
                for number in 0..<5 {
                    try socket.send(Array(repeating: 32, count: 16 * 1024), first: number == 0 ? 0x01 : 0x00)
                }
            }
            #expect(try await closing(site, fragments) == 1009)
            let crumbs = { (socket: SocketClient) in
                for number in 0..<100 { try socket.send([32], first: number == 0 ? 0x01 : 0x00) }
            }
            #expect(try await closing(site, crumbs) == 1009)
            #expect(
                try await closing(site) {
                    try $0.send(text, first: 0x01); try $0.send(text)
                } == 1002)
            let pings = { (socket: SocketClient) in
                for _ in 0..<5000 { try socket.send([1], first: 0x89) }
            }
            #expect(try await closing(site, pings) == 1008)
            let flood = { (socket: SocketClient) in
                let command: JSON = ["type": "read", "id": "x"]
                for _ in 0..<5000 { try socket.send(command) }
            }
            #expect(try await closing(site, flood) == 1008)

            try bystander.send(["type": "read", "id": "still here"])
            #expect(await bystander.answer(to: "still here")["success"] == true)
        }
    }

    @Test func `who has ended their side is let go of, and not kept until a ping fails`() async throws {
        try await SocketTests.run(.sqlite) { site in
            let socket = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
            socket.endSending()
            #expect(await socket.next() == .end)
        }
    }

    @Test func `pings are answered, fragments are put together, and a close is answered`() async throws {
        try await SocketTests.run(.sqlite) { site in
            let socket = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
            try socket.send([7], first: 0x89)
            #expect(await socket.next() == .pong)
            let text = Array(#"{"type":"read","id":"in parts"}"#.utf8)
            try socket.send(Array(text[..<5]), first: 0x01)
            try socket.send([8], first: 0x89)
            try socket.send(Array(text[5..<9]), first: 0x00)
            try socket.send(Array(text[9...]), first: 0x80)
            #expect(await socket.next() == .pong)
            #expect(await socket.answer(to: "in parts")["type"] == "ack")
            try socket.send([0x0F, 0xA1], first: 0x88)
            #expect(await socket.closed() == .close(code: 4001, reason: ""))
            #expect(await socket.next() == .end)
        }
    }

    @Test(arguments: Storage.engines)
    func `a listener that never reads loses its place, and the others hear everything`(_ storage: Storage) async throws
    {
        try await SocketTests.run(storage) { site in
            let deaf = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws", isReading: false)
            let other = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
            // More than the system keeps for the deaf one, and then more than its buffer holds.
            let words = String(repeating: "word ", count: 12_000)
            let (posts, size) = (12, 50)
            for post in 0..<posts {
                let messages = (0..<size).map { number -> JSON in
                    [
                        "from": .string(SocketTests.phone), "id": .string("wamid.\(post).\(number)"), "type": "text",
                        "text": ["body": .string(words)],
                    ]
                }
                #expect(try await site.postWebhook(Webhooks.messages(messages)).status == 200)
                for number in 0..<size {
                    let event = await other.text()
                    #expect(event["sequence"]?.int == Int64(2 + post * size + number))
                }
            }
            // Nothing is kept for it any more; its connection ends when it has taken nothing for a minute.
            try await eventually("the deaf one has lost its place") {
                try await site.get("/metrics").text.contains("vestibule_event_listeners 1\n") ? true : nil
            }
            deaf.drop()
            try other.send(["type": "note", "id": "still here", "data": ["text": "Words."]])
            #expect(await other.answer(to: "still here")["success"] == true)
        }
    }
}
