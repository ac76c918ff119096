import Gateway
import SQL
import Testing

@Suite(.timeLimit(.minutes(3))) struct ResendTests {
    @Test(arguments: Engines.all)
    func `a message whose answer is lost every time is not sent again for ever`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, change: { $0.unknownSendPolicy = .retry }) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["reset": "before"], times: -1)
            let message = try await harness.send(harness.text("lost"))
            #expect(message.status == .unknown)
            let ended = try await harness.advance(message.messageID, to: .failed, by: .seconds(120))
            #expect(ended.status == .failed)
            let fault = try #require(try await harness.simulator.faults().first)
            #expect(fault["hits"]?.int == 3, "once, and twice again")
            harness.harness.clock.advance(by: .seconds(3600))
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state <> 'dead'") == 0)
        }
    }
}
