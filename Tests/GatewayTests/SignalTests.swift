import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct SignalTests {
    private static let long: Duration = .seconds(3600)

    @Test func `a signal that comes before the wait is kept, and many are one`() async {
        let signal = Signal()
        signal.raise()
        signal.raise()
        await signal.wait(atMost: Self.long)
        // Nothing is left over: the next wait ends by its own time.
        let start = ContinuousClock.now
        await signal.wait(atMost: .milliseconds(30))
        #expect(start.duration(to: .now) >= .milliseconds(30))
    }

    @Test func `a waiting loop is woken`() async {
        let signal = Signal()
        await withTaskGroup { group in
            group.addTask { await signal.wait(atMost: Self.long) }
            group.addTask { signal.raise() }
        }
    }

    @Test func `a cancelled task waits no longer`() async {
        let signal = Signal()
        let task = Task { await signal.wait(atMost: Self.long) }
        task.cancel()
        await task.value
    }

    @Test func `a signal that comes as the time ends is told now or the next time`() async {
        for round in 0..<3000 {
            let signal = Signal()
            async let isTold = signal.isRaised(within: .microseconds(round % 100))
            for _ in 0..<(round % 40) { await Task.yield() }
            signal.raise()
            if await isTold { continue }
            guard await signal.isRaised(within: .seconds(60)) else {
                Issue.record("the signal is gone")
                return
            }
        }
    }

    @Test func `nothing raised after work was looked for goes unseen`() async {
        let signal = Signal()
        let gate = Gate()
        await withTaskGroup { group in
            group.addTask {
                for _ in 0..<2000 {
                    signal.raise()
                    await Task.yield()
                }
                gate.open()
                signal.raise()
            }
            group.addTask {
                while !gate.isOpen { await signal.wait(atMost: Self.long) }
            }
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct OutcomeTests {
    /// Two requests under one idempotency key wait for the same message.
    @Test(arguments: Engines.all)
    func `all who wait for a message's outcome are told`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let id = try await harness.submit(harness.text("Hello")).messageID
            let told = try await withThrowingTaskGroup(of: MessageStatus.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        try await harness.gateway.outbound.outcome(of: id, within: .seconds(3600)).message.status
                    }
                }
                try await Harness.serve(harness.gateway) {
                    try await harness.harness.wait("the message is not sent") {
                        try await harness.find(id).status == .sent
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(told == Array(repeating: .sent, count: 5))
        }
    }

    @Test(arguments: Engines.all)
    func `whoever waits gets the message as it is when the time is over`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let id = try await harness.submit(harness.text("Hello")).messageID
            let waits = try await withThrowingTaskGroup(of: MessageStatus.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await harness.gateway.outbound.outcome(of: id, within: .milliseconds(20)).message.status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(waits == [.pending, .pending, .pending])
        }
    }

    @Test(arguments: Engines.all) func `an unknown message has no outcome`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let error = await #expect(throws: GatewayError.self) {
                try await harness.gateway.outbound.outcome(of: MessageID(rawValue: "none"), within: .seconds(3600))
            }
            #expect(error?.code == .notFound)
        }
    }
}
