import Foundation
import Gateway
import JSON
import Testing

@Suite(.enabled(if: Engines.url != nil, "needs TEST_DATABASE_URL")) struct SpoolTests {
    @Test func `webhooks are taken while the database is away, and stand in order when it is back`() async throws {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                try await outage.begin()
                for number in 2...40 { try await gateway.ingest.accept(outage.webhook(number)) }
                #expect(await outage.depth(gateway) == 39)
                try await outage.end()
                try await gateway.ingest.accept(outage.webhook(41))
                try await outage.wait(for: 41, in: gateway)
                #expect(try await outage.texts(gateway) == (1...41).map { "message \($0)" })
                #expect(await outage.depth(gateway) == 0)
            }
        }
    }

    @Test func `what was spooled outlives the process`() async throws {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                try await outage.begin()
                for number in 2...5 { try await gateway.ingest.accept(outage.webhook(number)) }
            }
            try await outage.end()
            try await outage.withGateway { gateway in
                try await outage.wait(for: 5, in: gateway)
                try await gateway.ingest.accept(outage.webhook(3))
                #expect(try await outage.texts(gateway) == (1...5).map { "message \($0)" })
            }
        }
    }

    @Test func `a database that hangs makes a webhook wait for seconds, and the next ones not at all`() async throws {
        try await Outage.run { outage in
            let proxy = try OutageProxy(to: outage.port())
            defer { proxy.stop() }
            try await outage.withGateway(port: proxy.port) { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                proxy.hang()
                let clock = ContinuousClock()
                let first = try await clock.measure { try await gateway.ingest.accept(outage.webhook(2)) }
                let others = try await clock.measure {
                    for number in 3...20 { try await gateway.ingest.accept(outage.webhook(number)) }
                }
                // Waiting as the first one did, they would take eighteen times as long.
                #expect(others < first * 9)
                #expect(await outage.depth(gateway) == 19)
                proxy.resume()
                try await outage.wait(for: 20, in: gateway)
                #expect(try await outage.texts(gateway) == (1...20).map { "message \($0)" })
            }
        }
    }

    @Test func `a webhook that the database does not take in the end is kept as failed, and the rest goes on`()
        async throws
    {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                // As a statement does that always runs into its time limit.
                try outage.psql(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN RAISE EXCEPTION ''too slow'' USING ERRCODE = ''57014''; END';
                    CREATE TRIGGER refuse BEFORE INSERT ON whatsapp_messages FOR EACH ROW
                        WHEN (NEW.text = 'message 7') EXECUTE FUNCTION refuse()
                    """, isInside: true)
                try await outage.begin()
                for number in 2...40 { try await gateway.ingest.accept(outage.webhook(number)) }
                try await outage.end()
                try await outage.wait(for: 39, in: gateway)
                let rest = [1, 2, 3, 4, 5, 6] + Array(8...40)
                #expect(try await outage.texts(gateway) == rest.map { "message \($0)" })
                #expect(await outage.depth(gateway) == 0)

                try outage.psql("DROP TRIGGER refuse ON whatsapp_messages", isInside: true)
                var failed = ReplaySelection()
                failed.states = [.failed]
                let report = try await gateway.replay.replay(failed)
                #expect(report.events == 1 && report.messages == 1)
                #expect(try await outage.texts(gateway) == (rest + [7]).map { "message \($0)" })
            }
        }
    }
}
