import Foundation
import Testing

/// PostgreSQL fails in many ways: webhooks go on being taken, nothing is lost, doubled or out of order, and all
/// is level again without a restart of the gateway.
@Suite(.timeLimit(.minutes(10)), .enabled(if: Storage.isCI || Storage.databaseURL != nil, Storage.hint))
struct FaultPostgresTests {
    private typealias Change = @Sendable (FaultPostgres) async throws -> Void

    /// Lets it fail under load, and expects that every webhook was taken and none waited long.
    /// - Parameter server: the URL of a superuser; nil for the server of the whole run.
    private func expectTaken(
        _ name: String, on server: String? = nil, within limit: Duration = .seconds(9),
        lasting seconds: Int = Scale.faultSeconds, refusesSends: Bool = true, _ begin: Change, until end: Change
    ) async throws {
        try await FaultRun.seated {
            try await FaultPostgres.run(server ?? Storage.databaseURL) { postgres in
                try await FaultRun.run(postgres) { run in
                    let outcome = try await run.fault(
                        "PostgreSQL away", name, lasting: seconds, begin: { try await begin(postgres) },
                        end: { try await end(postgres) })
                    #expect(Set(outcome.webhooks.answers.keys) == [200])
                    #expect(outcome.webhooks.longest < limit)
                    if refusesSends { #expect(outcome.sends.refused > 0) }
                }
            }
        }
    }

    @Test func `connections refused`() async throws {
        try await expectTaken("refused") {
            $0.proxy.refuse()
        } until: {
            $0.proxy.up()
        }
    }

    @Test func `connections cut as soon as they are made`() async throws {
        try await expectTaken("cut") {
            $0.proxy.down()
        } until: {
            $0.proxy.up()
        }
    }

    @Test func `packets dropped`() async throws {
        // Longer than a webhook waits for the database, so that the spool takes over.
        try await expectTaken("black-holed", lasting: max(6, Scale.faultSeconds), refusesSends: false) {
            $0.proxy.hang()
        } until: {
            $0.proxy.resume()
        }
    }

    @Test func `no connection to be had`() async throws {
        try await expectTaken("out of connections") {
            try await $0.exhaust()
        } until: {
            try await $0.relieve()
        }
    }

    @Test(.enabled(if: Storage.isCI || OwnPostgres.isInstalled, OwnPostgres.hint))
    func `a server that crashes and comes back`() async throws {
        try await OwnPostgres.run { server in
            try await expectTaken("crashed and started again", on: server.url) { _ in
                try await server.crash()
            } until: { _ in
                try await server.start()
            }
        }
    }

    /// A gateway that asks for the primary gets no connection; one that takes any has its
    /// transactions refused.
    @Test(.enabled(if: Storage.isCI || OwnPostgres.isInstalled, OwnPostgres.hint), arguments: ["primary", "any"])
    func `a server that takes no writes`(_ attributes: String) async throws {
        try await OwnPostgres.run { server in
            let url = server.url.replacing("=any", with: "=" + attributes)
            let name = attributes == "any" ? "read-only" : "a standby for a while"
            try await expectTaken(name, on: url) { _ in
                try await server.becomeStandby()
            } until: { _ in
                try await server.promote()
            }
        }
    }

    @Test func `commits that take a second`() async throws {
        try await expectTaken("slow commits, 1 s each", refusesSends: false) {
            try await $0.slowCommits(seconds: 1)
        } until: {
            try await $0.quickCommits()
        }
    }

    @Test func `answers that take a fifth of a second each`() async throws {
        try await expectTaken("slow answers, 0.2 s each", refusesSends: false) {
            $0.proxy.delay(.milliseconds(200))
        } until: {
            $0.proxy.delay(.zero)
        }
    }
}
