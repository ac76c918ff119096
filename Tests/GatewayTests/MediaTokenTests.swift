import Foundation
import JSON
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// The account's token opens its conversations to whoever has it: it goes to Meta and to nobody else, wherever an
/// answer points.
@Suite(.timeLimit(.minutes(10))) struct MediaTokenTests {
    private static let token = "Bearer token"

    /// What was asked, in order, with the token that came with it.
    private final class Visits: Sendable {
        struct Visit: Sendable {
            let target: String
            let authorization: String?
        }

        private let list = Mutex<[Visit]>([])
        var all: [Visit] { list.withLock { $0 } }

        func add(_ request: LocalServer.Request) {
            let visit = Visit(target: request.target, authorization: request.headers["authorization"])
            list.withLock { $0.append(visit) }
        }
    }

    /// How an answer of Meta's may lead elsewhere; `stranger` is host and port of a server that is not Meta's.
    private static let detours: [(name: String, location: @Sendable (_ stranger: String) -> String)] = [
        ("another host", { "http://\($0)/file" }), ("without a scheme", { "//\($0)/file" }),
        ("by another name", { "http://localhost:\($0.split(separator: ":")[1])/file" }),
        ("behind a user", { "http://127.0.0.1@\($0)/file" }),
        ("behind a user of Meta's name", { "http://lookaside.fbsbx.com@\($0)/file" }),
        ("behind a backslash", { "http://\($0)\\@lookaside.fbsbx.com/file" }),
        ("in capitals", { "HTTP://\($0)/file" }), ("with an escape", { "http://%31\($0.dropFirst())/file" }),
        ("with a tab", { "ht\ttp://\($0)/file" }),
    ]

    private static let statuses = [301, 302, 303, 307, 308]

    /// Meta answers with information on a medium at `url`, or else by `answer`; the other server takes whoever comes.
    private func run(
        _ stage: Stage, answer: @escaping @Sendable (_ target: String, _ stranger: String) -> LocalServer.Reply?,
        _ body: @Sendable (Harness, _ meta: Visits, _ stranger: Visits) async throws -> Void
    ) async throws {
        let (atMeta, atStranger) = (Visits(), Visits())
        let stranger = try LocalServer.answering { request in
            atStranger.add(request)
            return StandInMeta.file(Samples.jpeg)
        }
        defer { stranger.stop() }
        let meta = try LocalServer.answering { request in
            atMeta.add(request)
            return answer(request.target, "127.0.0.1:\(stranger.port)")
                ?? StandInMeta.json([
                    "url": .string("http://\(request.headers["host"] ?? "-")/file"),
                    "file_size": .integer(Int64(Samples.jpeg.count)),
                ])
        }
        defer { meta.stop() }
        try await Harness.run(stage, graphURL: meta.origin) { harness in try await body(harness, atMeta, atStranger) }
    }

    private func receive(_ harness: Harness, until status: MediaStatus) async throws {
        try await harness.receive(messages: [
            ["from": "15550100001", "id": "wamid.media", "type": "image", "image": ["id": "1001"]]
        ])
        try await harness.wait("the medium is still pending") {
            try await harness.message("wamid.media").media.status == status
        }
    }

    @Test(arguments: Stage.all, detours.map(\.name))
    func `it follows no redirect of a medium to another host`(_ stage: Stage, _ name: String) async throws {
        let location = try #require(Self.detours.first { $0.name == name }).location
        let status = try #require(Self.statuses.randomElement())
        try await run(stage) { target, stranger in
            guard target.hasPrefix("/file") else { return nil }
            return LocalServer.Reply(status: status, headers: [("Location", location(stranger))])
        } _: { harness, meta, stranger in
            try await receive(harness, until: .expired)
            #expect(stranger.all.isEmpty, "\(status)")
            #expect(meta.all.map(\.target) == ["/v21.0/1001?phone_number_id=200000000000101", "/file"])
            #expect(meta.all.allSatisfy { $0.authorization == Self.token })
        }
    }

    @Test(arguments: Stage.all, detours.map(\.name))
    func `it goes to no address that the Graph API names elsewhere`(_ stage: Stage, _ name: String) async throws {
        let location = try #require(Self.detours.first { $0.name == name }).location
        try await run(stage) { _, stranger in
            StandInMeta.json(["url": .string(location(stranger)), "file_size": 1])
        } _: { harness, meta, stranger in
            try await receive(harness, until: .expired)
            #expect(stranger.all.isEmpty)
            #expect(meta.all.map(\.authorization) == [Self.token])
        }
    }

    @Test(arguments: Stage.all, statuses)
    func `a redirect on Meta's own host is followed with it`(_ stage: Stage, _ status: Int) async throws {
        try await run(stage) { target, _ in
            switch target {
            case "/file": LocalServer.Reply(status: status, headers: [("Location", "/file/moved?x=1")])
            case "/file/moved?x=1": StandInMeta.file(Samples.jpeg)
            default: nil
            }
        } _: { harness, meta, _ in
            try await receive(harness, until: .ready)
            #expect(meta.all.map(\.target).suffix(2) == ["/file", "/file/moved?x=1"])
            #expect(meta.all.allSatisfy { $0.authorization == Self.token })
        }
    }

    @Test(arguments: Stage.all, statuses)
    func `no call of the Graph API follows a redirect`(_ stage: Stage, _ status: Int) async throws {
        try await run(stage) { _, stranger in
            LocalServer.Reply(status: status, headers: [("Location", "http://\(stranger)/v21.0/x")])
        } _: { harness, meta, stranger in
            let (graph, number) = (harness.gateway.graph, Harness.phoneNumberID)
            let token = Secret("token")
            let file = harness.uploads.appending(path: "file.jpg").path
            try Data(Samples.jpeg).write(to: URL(fileURLWithPath: file))
            await #expect(throws: GraphError.self) {
                try await graph.media(id: "1001", phoneNumberID: number, token: token)
            }
            await #expect(throws: GraphError.self) {
                try await graph.uploadMedia(
                    path: file, mimeType: "image/jpeg", fileName: "file.jpg", phoneNumberID: number, token: token)
            }
            await #expect(throws: GraphError.self) {
                try await graph.markRead(messageID: "wamid.x", typing: false, phoneNumberID: number, token: token)
            }
            await #expect(throws: GraphError.self) { try await graph.phoneNumber(id: number, token: token) }
            if case .sent = await graph.send(["to": "15550100001"], phoneNumberID: number, token: token) {
                Issue.record("a redirect was taken for an answer")
            }
            #expect(stranger.all.isEmpty)
            #expect(meta.all.count == 5 && meta.all.allSatisfy { $0.authorization == Self.token })
        }
    }

    @Test(arguments: Stage.all)
    func `hosts that callers name never see it`(_ stage: Stage) async throws {
        let visits = Visits()
        let host = try LocalServer.answering { request in
            visits.add(request)
            guard request.target == "/a.jpg" else { return StandInMeta.file(Samples.jpeg) }
            return LocalServer.Reply(status: 302, headers: [("Location", "/b.jpg")])
        }
        defer { host.stop() }
        try await SendHarness.run(stage) {
            $0.mediaFetchAllow = ["127.0.0.1:\(host.port)"]
        } _: { (lab: SendHarness) async throws in
            let draft = Draft(
                content: .media(try OutgoingMedia(kind: .image)), mediaURL: host.origin + "/a.jpg")
            #expect(try await lab.send(draft).status == .sent)
            #expect(visits.all.map(\.target) == ["/a.jpg", "/b.jpg"])
            #expect(visits.all.allSatisfy { $0.authorization == nil })
        }
    }
}
