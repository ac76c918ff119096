import SQL
import Simulator
import Testing
import WhatsApp

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct SendLimitTests {
    private static let contact = ContactID(rawValue: "a")

    private func take(_ limit: SendLimit, _ harness: Harness, at now: Milliseconds? = nil) async throws -> Milliseconds
    {
        let now = now ?? harness.clock.now
        return try await harness.database.transaction { session in
            switch try limit.take(at: now, session) {
            case .taken: 0
            case .wait(let time): time
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a pair has forty-five at once and then one in six seconds`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness async throws in
            let pair = SendLimit.pair(Self.contact)
            for _ in 0..<45 { #expect(try await take(pair, harness) == 0) }
            #expect(try await take(pair, harness) == 6000)
            #expect(try await take(.pair(ContactID(rawValue: "b")), harness) == 0, "another pair has its own")
            harness.clock.advance(by: .milliseconds(5999))
            #expect(try await take(pair, harness) == 1)
            harness.clock.advance(by: .milliseconds(1))
            #expect(try await take(pair, harness) == 0)
            #expect(try await take(pair, harness) == 6000)
            harness.clock.advance(by: .seconds(3600))
            for _ in 0..<45 { #expect(try await take(pair, harness) == 0) }
            #expect(try await take(pair, harness) == 6000, "a long rest fills it to the brim and no further")
        }
    }

    @Test(arguments: Engines.all)
    func `a clock that is set back by hours holds nothing up`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let pair = SendLimit.pair(Self.contact)
            for _ in 0..<45 { _ = try await take(pair, harness) }
            #expect(try await take(pair, harness, at: harness.clock.now - 3_600_000) == 0)
        }
    }

    /// Two gateways are two of these on one database; each step of the clock both take all they can get.
    @Test(arguments: Engines.all, [1, 20, 80, 200])
    func `two gateways on one database stay under the number's rate together, and use it up`(
        _ engine: SQLEngine, _ rate: Int
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let clock = Clock { harness.clock.now }
            let gateways = (0..<2).map { _ in
                SendLimits(database: harness.gateway.database, clock: clock, perSecond: rate)
            }
            var sent: [Milliseconds] = []
            let start = clock.now()
            while clock.now() < start + 3000 {
                for limits in gateways {
                    while try await limits.takeNumber(.default) == 0 { sent.append(clock.now()) }
                }
                harness.clock.advance(by: .milliseconds(10))
            }
            let most = sent.map { first in sent.count { first..<first + 1000 ~= $0 } }.max() ?? 0
            #expect(most <= rate + max(2, rate / 8), "in any one second")
            #expect(sent.count >= rate * 3 * 9 / 10, "nothing of the rate is lost")
        }
    }

    @Test(arguments: Engines.all)
    func `another number has its own throughput`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let limits = SendLimits(
                database: harness.gateway.database, clock: Clock { harness.clock.now }, perSecond: 1)
            while try await limits.takeNumber(.default) == 0 {}
            #expect(try await limits.takeNumber(AccountID(rawValue: "other")) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `Meta's refusal of a pair is waited out four times as long each time, and spends no attempt`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine) { lab in
            try await lab.simulator.fault(match: ["path": "/messages"], action: ["code": 131056], times: 4)
            let start = lab.harness.clock.now
            let id = try await lab.submit(lab.text("patience")).messageID
            try await lab.harness.pass("it is not sent") { try await lab.find(id).status == .sent }
            #expect(lab.harness.clock.now - start == (1 + 4 + 16 + 64) * 1000)
            #expect(try await lab.harness.count("SELECT SUM(refusals) AS n FROM send_limits") == 0, "it begins anew")
        }
    }

    @Test(arguments: Engines.all, [4, 80007, 131048, 131057])
    func `a pause of Meta's own is respected by every gateway and spends no attempt`(
        _ engine: SQLEngine, _ code: Int
    ) async throws {
        try await SendHarness.run(engine) { lab in
            try await lab.simulator.fault(
                match: ["path": "/messages"], action: ["code": .integer(Int64(code))], times: 4)
            let id = try await lab.submit(lab.text("patience")).messageID
            try await lab.harness.wait("the pause is not shared") {
                let now = lab.harness.clock.now
                return try await lab.harness.count(
                    "SELECT COUNT(*) AS n FROM tenant_whatsapp_config WHERE paused_until > \(now)") == 1
            }
            try await lab.harness.pass("it is not sent") { try await lab.find(id).status == .sent }
            #expect(try await lab.simulator.faults().first?["hits"]?.int == 4)
        }
    }

    @Test(arguments: Engines.all)
    func `a job in hand when the account is paused goes back, and takes no place of the pair`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            _ = try await lab.submit(lab.text("hello"))
            let queue = lab.gateway.jobs.queue
            let job = try #require(try await queue.claim(1).first)
            try await lab.gateway.accounts.pause(.default, MessageFailure(reason: "token"))
            let handler = try #require(lab.gateway.jobs.handlers[.send])
            let verdict = try await handler.run(job)
            guard case .pause? = verdict else {
                Issue.record("not put back but \(String(describing: verdict))")
                return
            }
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM send_limits WHERE key LIKE 'pair:%'") == 0)
            #expect(try await lab.received() == [])
        }
    }

    @Test(arguments: Engines.all)
    func `a room takes a thousand waiting messages and no more`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let now = lab.harness.clock.now
            let jobs = (1...Backlog.limit - 1).map {
                Job(
                    kind: .send, account: .default, lane: SendJob.lane(of: lab.room), position: $0, payload: [:],
                    runAt: now, createdAt: now)
            }
            try await lab.harness.database.transaction { session in try JobQueue.insert(jobs, session) }
            let last = try await lab.submit(lab.text("the last"), key: "last")
            let error = await #expect(throws: GatewayError.self) { try await lab.submit(lab.text("one more")) }
            #expect(error?.code == .rateLimited)
            #expect(error?.data["retryAfter"]?.int == 60)
            #expect(try await lab.submit(lab.text("the last"), key: "last").messageID == last.messageID)
            let note = Draft(content: .text(body: "a note", previewURL: false), isPrivate: true)
            _ = try await lab.gateway.outbound.submit(note, to: .room(lab.room))
        }
    }
}
