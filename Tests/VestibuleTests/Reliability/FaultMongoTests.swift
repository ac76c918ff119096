import Foundation
import Mongo
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

    @Test(.enabled(if: Storage.isCI || OwnMongo.isInstalled, OwnMongo.hint))
    func `what the server acknowledged is there after it was killed at once`() async throws {
        try await OwnMongo.run { server in
            var copied: Set<String> = []
            for round in 0..<3 {
                let client = try MongoClient(uri: server.uri, logger: Storage.logger)
                for batch in 0..<20 {
                    let ids = (0..<10).map { "\(round).\(batch).\($0)" }
                    let failures = try await client.upsertNewest(
                        ids.map { ["_id": .string($0), "revision": 1] }, into: "copies")
                    #expect(failures.isEmpty)
                    copied.formUnion(ids)
                }
                try await server.kill()
                await client.close()
                try await server.start()
            }
            let client = try MongoClient(uri: server.uri, logger: Storage.logger)
            let found = try await client.find(in: "copies", filter: [:]).compactMap { $0["_id"]?.string }
            await client.close()
            #expect(copied.subtracting(found).isEmpty)
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
