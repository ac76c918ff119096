import Fetch
import Foundation
import JSON
import SQL
import Testing

/// Two sockets, a stream and an endpoint hear one sequence, in one order, whatever is cut meanwhile.
@Suite(.timeLimit(.minutes(30)))
struct FollowingTests {
    /// What a listener has heard, and how often it came back.
    struct Heard: Sendable {
        var events: [JSON] = []
        var returns = 0
    }

    /// The last thing said: with it a listener has heard everything.
    private static let lastWords = "That was all."

    private static func isLast(_ event: JSON?) -> Bool { event?["data"]?["text"]?.string == lastWords }

    /// Takes a few events, leaves in one way or another and comes back, until it has the last one.
    private static func follow(
        leavingAfter count: @Sendable @escaping (Int) -> Int,
        _ connect: @Sendable @escaping (_ after: String?) async throws -> AsyncStream<JSON>
    ) async throws -> Heard {
        var heard = Heard()
        while !isLast(heard.events.last) {
            try Task.checkCancellation()
            let wanted = count(heard.returns)
            var taken = 0
            do {
                for await event in try await connect(heard.events.last?["id"]?.string) {
                    heard.events.append(event)
                    taken += 1
                    if taken == wanted || isLast(event) { break }
                }
            } catch is StreamConnection.Ended {
                // The server is just being started anew.
                try await Task.sleep(for: .milliseconds(20))
            } catch let refused as SocketClient.Refused where refused.status == 503 {
                try await Task.sleep(for: .milliseconds(20))
            }
            heard.returns += 1
        }
        return heard
    }

    private static func socket(_ base: String, _ path: String) throws -> AsyncStream<JSON> {
        let socket = try SocketClient(base, path)
        return AsyncStream { () async -> JSON? in
            let text = await socket.text()
            return text == .null ? nil : text
        }
    }

    private static func stream(_ base: String, after: String?) throws -> AsyncStream<JSON> {
        let path = "/rooms/\(SocketTests.room)/events?after=0"
        let stream = try StreamClient(base, path, headers: after.map { [("Last-Event-ID", $0)] } ?? [])
        return AsyncStream { continuation in
            let task = Task {
                for await event in stream.events where event.id != nil { continuation.yield(event.data) }
                continuation.finish()
            }
            continuation.onTermination = { _ in
                stream.drop()
                task.cancel()
            }
        }
    }

    @Test(.enabled(if: EndpointReceiver.isInstalled, EndpointReceiver.hint), arguments: Storage.engines)
    func `sockets, a stream and an endpoint hear the same through reconnects and a restart`(
        _ storage: Storage
    ) async throws {
        try await EndpointTests.run(storage) { site, receiver in
            let (room, reconnects) = (SocketTests.room, Scale.reconnects)
            let start = ContinuousClock.now
            // It is told of the first events, too.
            let id = try await EndpointTests.create(site, receiver)
            #expect(try await site.call("POST", "/webhooks/endpoints/\(id)/replay", ["since": 0]).status == 200)
            try await receiver.behave(status: 200, cutOff: 40)
            let first = try #require(
                try await site.get("/events?room=\(room)&limit=1").json["events"]?[0]?["id"]?.string)
            let heard = try await withThrowingTaskGroup(of: (Int, Heard).self) { group in
                group.addTask {
                    (
                        0,
                        try await Self.follow(leavingAfter: { $0 < reconnects ? $0 % 5 + 1 : .max }) { after in
                            try Self.socket(site.base, "/rooms/\(room)/ws?after=\(after ?? "0")")
                        }
                    )
                }
                group.addTask {
                    (
                        1,
                        try await Self.follow(leavingAfter: { $0 < reconnects ? 3 : .max }) { after in
                            try Self.socket(site.base, "/ws?account=default&after=\(after ?? first)")
                        }
                    )
                }
                group.addTask {
                    (
                        2,
                        try await Self.follow(leavingAfter: { $0 < reconnects ? ($0 * 7) % 4 + 1 : .max }) {
                            after in
                            try Self.stream(site.base, after: after)
                        }
                    )
                }
                let count = reconnects * 3
                for number in 0..<count {
                    if number == count / 2 {
                        try await site.stop()
                        try await site.start()
                    }
                    let webhook = Webhooks.text("\(number)", id: "wamid.\(number)", from: SocketTests.phone)
                    #expect(try await site.postWebhook(webhook).status == 200)
                    if number % 10 == 0 { _ = try await site.call("POST", "/rooms/\(room)/read") }
                }
                try await eventually("the endpoint was told something twice", within: .seconds(60)) {
                    let ids = try await receiver.received().map { $0["id"] }
                    return Set(ids).count < ids.count ? true : nil
                }
                try await receiver.behave(status: 200)
                let end = Webhooks.text(Self.lastWords, id: "wamid.end", from: SocketTests.phone)
                #expect(try await site.postWebhook(end).status == 200)
                return try await group.reduce(into: [Int: Heard]()) { $0[$1.0] = $1.1 }
            }
            let stored = try await Self.stored(site).map { $0["id"] }
            #expect(stored.count > reconnects * 3)
            for (listener, heard) in heard {
                // A listener on all rooms began after the first event.
                #expect(
                    heard.events.map { $0["id"] } == (listener == 1 ? Array(stored.dropFirst()) : stored), "\(listener)"
                )
                #expect(heard.returns > 1)
            }
            let told = try await Self.told(receiver, room, count: stored.count)
            #expect(told.map { $0["id"] } == stored)
            try Figures.record(
                "Listeners",
                [
                    "Storage": storage.testDescription, "Events": "\(stored.count)",
                    "Connections": heard.values.map { "\($0.returns)" }.sorted().joined(separator: ", "),
                    "Time": Figures.time(start.duration(to: .now)),
                ])
        }
    }

    /// What the endpoint was told of the room, each once: what was cut off came again under its id.
    private static func told(_ receiver: EndpointReceiver, _ room: String, count: Int) async throws -> [JSON] {
        try await eventually("the endpoint was told everything", within: .seconds(600)) { () -> [JSON]? in
            let tries = try await receiver.received().filter { $0["room"]?.string == room }
            #expect(tries.allSatisfy { $0["verified"] == true })
            var known: Set<JSON> = []
            let told = tries.filter { known.insert($0["id"] ?? .null).inserted }
            return told.count >= count && tries.count > count ? told : nil
        }
    }

    private static func stored(_ site: Site) async throws -> [JSON] {
        var events: [JSON] = []
        while true {
            let after = events.last?["id"]?.string.map { "&after=\($0)" } ?? ""
            let page = try await site.get("/events?room=\(SocketTests.room)&limit=1000\(after)").json
            events += page["events"]?.array ?? []
            if page["nextCursor"] == nil { return events }
        }
    }

    @Test(.enabled(if: Storage.isCI || Storage.databaseURL != nil, Storage.hint))
    func `what one gateway takes in is heard at another, though its notices are lost`() async throws {
        try await SocketTests.run(.postgres) { site in
            let folder = site.folder.appending(path: "second")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let second = try await Program.serve(environment: site.settings, folder: folder, fetch: site.fetch)
            try await always {
                let socket = try SocketClient(second.base, "/rooms/\(SocketTests.room)/ws")
                for number in 0..<20 {
                    if number >= 10 {
                        // A notice between this and the next connection reaches nobody.
                        _ = try await site.stores.rows(
                            """
                            SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
                            WHERE query LIKE 'LISTEN vestibule_events%'
                            """)
                    }
                    let webhook = Webhooks.text("\(number)", id: "wamid.\(number)", from: SocketTests.phone)
                    #expect(try await site.postWebhook(webhook).status == 200)
                    #expect(await socket.text()["data"]?["text"]?.string == "\(number)")
                }
                // A ticket of one gateway is good at the other, once.
                let ticket = try #require(
                    try await site.call("POST", "/rooms/\(SocketTests.room)/ticket").json["ticket"]?.string)
                let path = "/rooms/\(SocketTests.room)/ws?ticket=\(ticket)"
                _ = try SocketClient(second.base, path)
                #expect(throws: SocketClient.Refused.self) { try SocketClient(site.base, path) }
            } finally: {
                await second.kill()
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `a stop closes sockets with 1001, and streams say why they end`(_ storage: Storage) async throws {
        try await SocketTests.run(storage) { site in
            let socket = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws")
            let stream = try StreamClient(site.base, "/rooms/\(SocketTests.room)/events?after=0")
            var events = stream.events.makeAsyncIterator()
            #expect(await events.next()?.type == "room.created" && stream.head.contains("text/event-stream"))
            #expect(await events.next()?.type == "message.received")
            #expect(try await site.stop() == .exit(0))
            guard case .close(let code, let reason) = await socket.closed() else {
                Issue.record("the socket ended without a close")
                return
            }
            #expect(code == 1001 && reason.hasPrefix("STOPPING"))
            let end = await events.next()
            #expect(end?.type == "closed" && end?.id == nil && end?.data["code"] == "STOPPING")
            #expect(await events.next() == nil)
        }
    }

    @Test func `a stream whose client has ended its side is over`() async throws {
        try await SocketTests.run(.sqlite) { site in
            let stream = try StreamClient(site.base, "/rooms/\(SocketTests.room)/events?after=0")
            var events = stream.events.makeAsyncIterator()
            #expect(await events.next()?.type == "room.created")
            #expect(await events.next()?.type == "message.received")
            stream.endSending()
            // It would never be over.
            #expect(await events.next() == nil)
        }
    }

    @Test(arguments: Storage.engines)
    func `after a sequence come later messages, and what happened to older ones since`(_ storage: Storage) async throws
    {
        try await SocketTests.run(storage) { site in
            for number in 2...4 {
                _ = try await site.postWebhook(
                    Webhooks.text("\(number)", id: "wamid.\(number)", from: SocketTests.phone))
            }
            _ = try await site.call("POST", "/rooms/\(SocketTests.room)/read")
            let socket = try SocketClient(site.base, "/rooms/\(SocketTests.room)/ws?after=3")
            var heard: [String] = []
            for _ in 0..<5 {
                let event = await socket.text()
                heard.append("\(event["type"]?.string ?? "") \(event["sequence"]?.int ?? 0)")
                #expect(event["data"]?["status"] == "read")
            }
            #expect(heard == ["message.received 4"] + (1...4).map { "message.read \($0)" })
        }
    }
}
