import JSON
import SQL
import Simulator
import Testing
import WhatsApp

@testable import Gateway

/// What operators do with jobs.
@Suite(.timeLimit(.minutes(5))) struct JobServiceTests {
    private static let requests: JSON = ["path": "/messages"]

    private func scope(_ account: String? = nil, _ kind: String? = nil) throws -> JobScope {
        try JobScope(account: account.map(AccountID.init(rawValue:)), kind: kind)
    }

    private func dead(_ harness: SendHarness) async throws -> [JobSummary] {
        try await harness.gateway.jobControl.list(scope(), state: .dead, limit: 100).jobs
    }

    private func add(
        _ kind: Job.Kind, account: String = "default", lane: String, position: Int64 = 0, payload: JSON = [:],
        _ harness: Harness
    ) async throws -> Job {
        let now = harness.clock.now
        let job = Job(
            kind: kind, account: AccountID(rawValue: account), lane: lane, position: position, payload: payload,
            runAt: now, createdAt: now)
        try await harness.database.transaction { session in try JobQueue.insert([job], session) }
        harness.clock.advance(by: .milliseconds(1))
        return job
    }

    // MARK: Again

    @Test(arguments: Engines.all)
    func `a send that Meta refused is sent once more when it is requeued`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: Self.requests, action: ["code": 131026])
            let message = try await harness.send(harness.text("again"))
            #expect(message.status == .failed)
            let job = try #require(try await dead(harness).first)
            #expect(job.kind == "send" && job.messageID == message.messageID.rawValue)
            #expect(job.room == harness.room.rawValue && job.lastError?.isEmpty == false)
            let open = try await harness.gateway.jobControl.requeue(job.id)
            #expect(open.state != .dead && open.attempts == 0)
            let sent = try await harness.gateway.outbound.outcome(of: message.messageID, within: .seconds(60)).message
            #expect(sent.status == .sent && sent.failedReason == nil && sent.failedAt == nil)
            #expect(try await harness.received() == ["again"])
            let error = await #expect(throws: GatewayError.self) {
                try await harness.gateway.jobControl.requeue(job.id)
            }
            #expect(error?.code == .notFound, "it is done")
        }
    }

    @Test(arguments: Engines.all)
    func `dead sends requeued together go out in their old order`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: Self.requests, action: ["code": 131026], times: 5)
            for number in 1...5 {
                _ = try await harness.send(harness.text("\(number)"))
                harness.harness.clock.advance(by: .milliseconds(1))
            }
            let first = try await harness.gateway.jobControl.requeueAll(scope(nil, "send"), limit: 3)
            #expect(first.requeued == 3 && first.refused == 0)
            let rest = try await harness.gateway.jobControl.requeueAll(scope(), limit: 3, after: first.nextAfter)
            #expect(rest.requeued == 2 && rest.nextAfter == nil)
            try await harness.harness.wait("they go out") { try await harness.received().count == 5 }
            #expect(try await harness.received() == ["1", "2", "3", "4", "5"])
        }
    }

    @Test(arguments: Engines.all)
    func `what the customer may have is never sent again`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let control = harness.gateway.jobControl
            // Each is a dead send whose message stands as told.
            for (status, reason, wamid, inFlight) in [
                (MessageStatus.failed, "outcome unknown: reset", nil as String?, false), (.unknown, "lost", nil, false),
                (.failed, "refused", nil, true), (.sent, "", "wamid.taken", false),
                (.failed, "late", "wamid.late", false),
            ] {
                let message = try await harness.submit(harness.text("once"))
                try await harness.harness.change(message.messageID) {
                    $0.status = status
                    $0.failure = reason.isEmpty ? nil : MessageFailure(reason: reason)
                    $0.whatsappMessageID = wamid
                }
                try await harness.harness.database.transaction { session in
                    _ = try session.execute(
                        "UPDATE jobs SET state = 'dead', in_flight = $1 WHERE state = 'open'", [.bool(inFlight)])
                }
                let job = try #require(try await dead(harness).first { $0.messageID == message.messageID.rawValue })
                let error = await #expect(throws: GatewayError.self) { try await control.requeue(job.id) }
                #expect(error?.code == .conflict, "\(status) \(reason)")
                #expect(try await harness.find(message.messageID).status == status)
            }
            #expect(try await dead(harness).count == 5)
            let report = try await control.requeueAll(scope(), limit: 100)
            #expect(report.requeued == 0 && report.refused == 5)
        }
    }

    @Test(arguments: Engines.all)
    func `a medium that could not be had is fetched when its job is requeued`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.harness.store([
                [
                    "from": .string(SendHarness.customer), "id": "wamid.media", "type": "image",
                    "timestamp": .string(String(harness.harness.clock.now / 1000)),
                    "image": ["id": "404404", "mime_type": "image/png"],
                ]
            ])
            harness.gateway.jobs.signal.raise()
            try await harness.harness.wait("it expires") {
                try await harness.harness.message("wamid.media").media.status == .expired
            }
            let job = try #require(try await dead(harness).first)
            #expect(job.kind == "fetch_media" && job.room == harness.room.rawValue)
            #expect(try await harness.gateway.jobControl.pause(scope(nil, "fetch_media")).count == 1)
            #expect(try await harness.gateway.jobControl.requeue(job.id).state == .open)
            #expect(try await harness.harness.message("wamid.media").media.status == .pending)
        }
    }

    @Test(arguments: Engines.all)
    func `only dead jobs are requeued, and only of kinds that are known`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let job = try await add(.settle, lane: "a", harness)
            let control = harness.gateway.jobControl
            func code(_ id: String) async -> GatewayError.Code? {
                let error = await #expect(throws: GatewayError.self) { try await control.requeue(id) }
                return error?.code
            }
            #expect(await code(job.id) == .conflict)
            _ = try await harness.gateway.jobs.queue.claim()
            #expect(await code(job.id) == .conflict)
            #expect(await code("0197f6d2-0000-7000-8000-000000000000") == .notFound)
            try await harness.database.transaction { session in
                _ = try session.execute("UPDATE jobs SET state = 'dead', kind = 'teleport'")
            }
            #expect(await code(job.id) == .conflict)
        }
    }

    // MARK: Looking

    @Test(arguments: Engines.all)
    func `jobs are listed newest first, page by page, by state, kind and account`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            var ids: [String] = []
            for number in 0..<7 {
                let kind: Job.Kind = number % 2 == 0 ? .settle : .markRead
                ids.append(try await add(kind, account: number < 5 ? "default" : "b", lane: "\(number)", harness).id)
            }
            let newest = Array(ids.reversed())
            let control = harness.gateway.jobControl
            var seen: [String] = []
            var before: String?
            repeat {
                let page = try await control.list(scope(), limit: 3, before: before)
                seen += page.jobs.map(\.id)
                before = page.nextBefore
            } while before != nil
            #expect(seen == newest)
            #expect(try await control.list(scope("b"), limit: 10).jobs.map(\.id) == Array(newest.prefix(2)))
            #expect(try await control.list(scope(nil, "mark_read"), limit: 10).jobs.count == 3)
            #expect(try await control.list(scope("b", "settle"), state: .open, limit: 10).jobs.map(\.id) == [ids[6]])
            #expect(try await control.list(scope(), state: .dead, limit: 10).jobs.isEmpty)
            #expect(throws: GatewayError.self) { try scope(nil, "teleport") }
            #expect(throws: GatewayError.self) { try scope("no name") }
        }
    }

    // MARK: Held back

    @Test(arguments: Engines.all)
    func `a pause holds back what it names, also after a restart, until it is resumed`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let control = harness.gateway.jobControl
            let queue = harness.gateway.jobs.queue
            _ = try await add(.settle, lane: "a", harness)
            _ = try await add(.fetchMedia, lane: "b", harness)
            _ = try await control.pause(scope(nil, "settle"))
            _ = try await control.pause(scope(nil, "settle"))
            #expect(try await control.list(scope(), limit: 1).pauses.map(\.scope) == [scope(nil, "settle")])
            let other = try await Harness.open(harness.settings, harness.clock)
            let media = try await other.jobs.queue.claim()
            #expect(media.map(\.kind) == [.fetchMedia])
            for job in media { try await other.jobs.queue.finish(job, .done) }
            await other.close()

            _ = try await control.pause(scope("default"))
            #expect(try await control.resume(scope(nil, "settle")).map(\.scope) == [scope("default")])
            #expect(try await queue.claim().isEmpty, "the account is held back as a whole")
            #expect(try await queue.look().next == nil, "and wakes nobody")
            #expect(try await control.resume(scope()).isEmpty)
            #expect(try await queue.claim().map(\.kind) == [.settle])
            let error = await #expect(throws: GatewayError.self) { try await control.pause(scope("nobody")) }
            #expect(error?.code == .notFound)
        }
    }

    // MARK: Set aside

    @Test(arguments: Engines.all, [false, true])
    func `a send that is set aside says so in its message`(_ engine: SQLEngine, _ wasInFlight: Bool) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let message = try await harness.submit(harness.text("lost"))
            let queue = harness.gateway.jobs.queue
            let job = try #require(try await queue.claim().first)
            if wasInFlight { #expect(try await queue.markInFlight(job)) }
            let handler = try #require(harness.gateway.jobs.handlers[.send])
            try await queue.giveUp(job, reason: "internal error: x") { isInFlight, session in
                try handler.abandon(job, reason: "internal error: x", isInFlight: isInFlight, session)
            }
            let after = try await harness.find(message.messageID)
            #expect(after.status == (wasInFlight ? .unknown : .failed))
            #expect(after.failure?.reason.contains("internal error: x") == true)
            let settling = try await harness.gateway.jobControl.list(scope(nil, "settle"), limit: 10).jobs
            #expect(settling.count == (wasInFlight ? 1 : 0))
            let error = await #expect(throws: (any Error).self) {
                guard wasInFlight else { throw GatewayError(.conflict, "requeueing is fine here") }
                _ = try await harness.gateway.jobControl.requeue(job.id)
            }
            #expect((error as? GatewayError)?.code == .conflict)
        }
    }

    @Test(arguments: Engines.all)
    func `a holder that lost its lease sets nothing aside`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { harness in
            let message = try await harness.submit(harness.text("slow"))
            let queue = harness.gateway.jobs.queue
            let stale = try #require(try await queue.claim().first)
            harness.harness.clock.advance(by: .seconds(16))
            _ = try #require(try await queue.claim().first)
            let handler = try #require(harness.gateway.jobs.handlers[.send])
            try await queue.giveUp(stale, reason: "x") { isInFlight, session in
                try handler.abandon(stale, reason: "x", isInFlight: isInFlight, session)
            }
            #expect(try await harness.find(message.messageID).status == .pending)
            #expect(try await queue.depths() == ["running": 1])
        }
    }

    // MARK: Plans

    @Test(arguments: Engines.all)
    func `an account's plan decides how many places it gets of those that all want`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await harness.database.transaction { session in
                for account in ["low", "high"] {
                    _ = try session.execute(
                        """
                        INSERT INTO tenant_whatsapp_config (account_id, tenant_id, created_at, updated_at)
                        VALUES ($1, $1, 0, 0)
                        """, [.text(account)])
                }
            }
            try await harness.gateway.accounts.setPlan(.enterprise, of: AccountID(rawValue: "high"))
            for number in 0..<200 { _ = try await add(.settle, account: "low", lane: "low\(number)", harness) }
            for number in 0..<200 { _ = try await add(.settle, account: "high", lane: "high\(number)", harness) }
            let counts = Dictionary(
                grouping: try await harness.gateway.jobs.queue.claim(), by: \.account.rawValue
            ).mapValues(\.count)
            #expect((counts["high"] ?? 0) > 5 * (counts["low"] ?? 0), "\(counts)")
            #expect((counts["low"] ?? 0) >= 4, "nobody is starved")
            let error = await #expect(throws: GatewayError.self) {
                try await harness.gateway.accounts.setPlan(.premium, of: AccountID(rawValue: "nobody"))
            }
            #expect(error?.code == .notFound)
        }
    }
}
