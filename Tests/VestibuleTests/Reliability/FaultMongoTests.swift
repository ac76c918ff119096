import Foundation
import Testing

/// MongoDB fails, alone or with PostgreSQL: webhooks and sends go on being taken, and the mirror catches up with
/// nothing lost or doubled.
@Suite(.timeLimit(.minutes(10)), .enabled(if: Storage.available.contains(.postgresAndMongo), Storage.hint))
struct FaultMongoTests {
    private typealias Change = @Sendable (FaultPostgres, FaultMongo) async throws -> Void

    private func expectTaken(
        _ name: String, on server: String? = nil, isUp: Bool = true, lasting seconds: Int = Scale.faultSeconds,
        refusesSends: Bool = false, _ begin: Change, until end: Change
    ) async throws {
        try await FaultRun.seated {
            try await FaultPostgres.run(Storage.databaseURL) { postgres in
                try await FaultMongo.run(on: server, isUp: isUp) { mongo in
                    try await FaultRun.run(postgres, mongo) { run in
                        let outcome = try await run.fault(
                            "MongoDB away", name, lasting: seconds, begin: { try await begin(postgres, mongo) },
                            end: { try await end(postgres, mongo) })
                        #expect(Set(outcome.webhooks.answers.keys) == [200])
                        #expect(outcome.webhooks.longest < .seconds(9))
                        #expect(outcome.sends.refused > 0 || !refusesSends)
                        // While PostgreSQL is there nobody notices that MongoDB isn't.
                        if !refusesSends { #expect(Set(outcome.sends.answers.keys) == [202]) }
                    }
                }
            }
        }
    }

    @Test func `connections refused`() async throws {
        try await expectTaken("refused") {
            $1.proxy.refuse()
        } until: {
            $1.proxy.up()
        }
    }

    @Test func `away for long`() async throws {
        try await expectTaken("refused for long", lasting: 8 * Scale.faultSeconds) {
            $1.proxy.refuse()
        } until: {
            $1.proxy.up()
        }
    }

    @Test(.enabled(if: Storage.isCI || OwnMongo.isInstalled, OwnMongo.hint))
    func `a server that is killed and comes back`() async throws {
        try await OwnMongo.run { server in
            try await expectTaken("killed and started again", on: server.uri) { _, _ in
                try await server.kill()
            } until: { _, _ in
                try await server.start()
            }
        }
    }

    @Test func `packets dropped`() async throws {
        try await expectTaken("black-holed") {
            $1.proxy.hang()
        } until: {
            $1.proxy.resume()
        }
    }

    @Test func `answers that take a fifth of a second each`() async throws {
        try await expectTaken("slow answers, 0.2 s each") {
            $1.proxy.delay(.milliseconds(200))
        } until: {
            $1.proxy.delay(.zero)
        }
    }

    @Test func `down when the gateway starts`() async throws {
        try await expectTaken("down at start", isUp: false) { _, _ in
        } until: {
            $1.proxy.up()
        }
    }

    @Test func `both databases away`() async throws {
        try await expectTaken("both refused", refusesSends: true) {
            $0.proxy.refuse()
            $1.proxy.refuse()
        } until: {
            $0.proxy.up()
            $1.proxy.up()
        }
    }
}
