import Foundation
import JSON
import SQL
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// The database goes away between a request to Meta and the storing of its answer.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Engines.url != nil)) struct SendOutageTests {
    private static let customer = "15550100001"

    /// - Parameter answer: what Meta says to the first send, while the database is away; the next one is taken.
    private func run(
        _ answer: LocalServer.Reply, _ body: @Sendable (Harness, OutageProxy, MessageID) async throws -> Void
    ) async throws {
        let url = try #require(Engines.url)
        let port = try #require(URLComponents(string: url)).port ?? 5432
        let proxy = try OutageProxy(to: UInt16(port))
        defer { proxy.stop() }
        let isFirst = Mutex(true)
        let meta = try LocalServer { _ in
            let first = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard first else { return StandInMeta.json(["messages": [["id": "wamid.second"]]]) }
            proxy.down()
            return answer
        }
        defer { meta.stop() }
        try await Harness.run(
            .postgres, graphURL: meta.origin, isServing: false,
            change: { settings in
                guard case .postgres(let url) = settings.database, var components = URLComponents(string: url) else {
                    return
                }
                components.host = "127.0.0.1"
                components.port = Int(proxy.port)
                settings.database = .postgres(url: components.string ?? url)
            }
        ) { harness in
            try await harness.store([harness.text("Hi", from: Self.customer, id: "wamid.first")])
            try await Harness.serve(harness.gateway) {
                let number = try #require(PhoneNumber(Self.customer))
                let draft = Draft(content: .text(body: "hello", previewURL: false))
                let id = try await harness.gateway.outbound.submit(draft, to: .phone(number, account: .default)).message
                    .messageID
                try await harness.wait("nothing is sent") { proxy.refused > 0 }
                // Long enough for the lease to run out: another holder may take the job before the answer is stored.
                harness.clock.advance(by: .seconds(60))
                proxy.up()
                try await body(harness, proxy, id)
            }
            #expect(meta.targets.count <= 2, "a send that Meta took is never made again")
        }
    }

    private func status(_ id: MessageID, _ harness: Harness) async throws -> MessageStatus? {
        try await harness.database.read { session in
            try MessageStore(isMirrored: false).find([id], session).first?.status
        }
    }

    @Test func `a refused token is known, whatever the database does meanwhile`() async throws {
        try await run(StandInMeta.refusal(190, status: 401)) { harness, _, id in
            // A new holder of the job may say "unknown" for a moment, until that is taken back.
            try await harness.wait("the account is not paused, or the message not pending") {
                let idle = try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'open'") == 1
                let settling = try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'settle'")
                let isPending = try await status(id, harness) == .pending
                return try await harness.isPaused() && idle && settling == 0 && isPending
            }
        }
    }

    @Test func `a refusal that may heal is tried again, and is never unknown in the end`() async throws {
        try await run(StandInMeta.refusal(131000, status: 500)) { harness, _, id in
            try await harness.pass("it is not sent again") { try await status(id, harness) == .sent }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
        }
    }

    @Test func `what Meta took is sent, whoever holds the job by then`() async throws {
        try await run(StandInMeta.json(["messages": [["id": "wamid.taken"]]])) { harness, _, id in
            try await harness.wait("the answer is lost") { try await status(id, harness) == .sent }
            #expect(try await harness.message("wamid.taken").messageID == id)
        }
    }
}
