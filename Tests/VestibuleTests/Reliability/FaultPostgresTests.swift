import Foundation
import Testing

/// PostgreSQL fails in many ways: webhooks go on being taken, nothing is lost, doubled or out of order, and all
/// is level again without a restart of the gateway.
@Suite(.timeLimit(.minutes(10)), .enabled(if: Storage.isCI || Storage.databaseURL != nil, Storage.hint))
struct FaultPostgresTests {
    private typealias Change = @Sendable (FaultPostgres) async throws -> Void

    /// Lets it fail under load, and expects that every webhook was taken and none waited long.
    private func expectTaken(
        _ name: String, within limit: Duration = .seconds(9), lasting seconds: Int = Scale.faultSeconds,
        refusesSends: Bool = true, _ begin: Change, until end: Change
    ) async throws {
        try await FaultRun.seated {
            try await FaultPostgres.run(Storage.databaseURL) { postgres in
                try await FaultRun.run(postgres) { run in
                    let outcome = try await run.fault(
                        "PostgreSQL", name, begin: { try await begin(postgres) },
                        during: { _ in try await Task.sleep(for: .seconds(seconds)) },
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
