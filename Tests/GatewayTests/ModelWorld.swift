import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Lets a sequence of steps happen to a real gateway and to the reference at once, and tells where they part.
/// The gateway's services stand still: each step does its part of their work, so that a seed repeats a run.
final class ModelWorld {
    private let settings: GatewaySettings
    private let clock: TestClock
    private let database: Database
    private let meta: ModelMeta
    /// Between the gateway and PostgreSQL; none where the database is a file.
    private let proxy: OutageProxy?
    /// Keeps the customers and ids of runs over one database apart.
    private let run: Int
    private let start: Int64

    private var gateway: Gateway
    private var intake: Task<Void, any Error>
    private var model = ModelReference()
    private var isAway = false
    /// Webhooks in the spool.
    private var spooled: [(items: [ModelWebhook], receivedAt: Int64)] = []
    private var delivered: [(bodies: [[UInt8]], items: [ModelWebhook])] = []
    private var taken: [(wamid: String, id: String)] = []
    private var attempts: [String: Int] = [:]
    private var changes = 0
    private var submissions = 0
    private var mistakes: [String] = []

    private static let grace: Int64 = 300_000

    init(_ harness: Harness, meta: ModelMeta, proxy: OutageProxy?, run: Int) async throws {
        settings = harness.settings
        clock = harness.clock
        database = harness.database
        self.meta = meta
        self.proxy = proxy
        self.run = run
        start = harness.clock.now
        gateway = try await Harness.open(settings, clock)
        intake = Self.serve(gateway)
    }

    /// - Returns: what went wrong; nothing when the gateway did as the reference.
    func follow(_ steps: [ModelStep]) async throws -> [String] {
        _ = meta.takeRequests()
        for (number, step) in steps.enumerated() {
            try await take(step)
            try await compare()
            if !mistakes.isEmpty { return mistakes.map { "after step \(number + 1), \(step): \($0)" } }
        }
        try await settle()
        try await compare()
        if !model.open.isEmpty { mistakes.append("without an outcome: \(model.open)") }
        return mistakes.map { "at the end: \($0)" }
    }

    func close() async {
        proxy?.up()
        await drop()
    }

    // MARK: Steps

    private func take(_ step: ModelStep) async throws {
        switch step {
        case .receive(let items): try await receive(items.compactMap(prepare))
        case .deliverAgain(let number):
            guard !delivered.isEmpty else { return }
            let earlier = delivered[number % delivered.count]
            try await deliver(earlier.bodies, earlier.items)
        case .submit(let customer, let key): try await submit(customer, key)
        case .work(let outcome): _ = try await work(outcome)
        case .markRead(let customer): try await markRead(customer)
        case .pass(let seconds): clock.advance(by: .seconds(seconds))
        case .crash(let point): try await crash(point)
        case .restart: try await restart()
        case .replay: try await replay()
        case .databaseAway:
            proxy?.down()
            isAway = proxy != nil
        case .databaseBack: try await comeBack()
        }
    }

    private func receive(_ items: [ModelWebhook]) async throws {
        guard !items.isEmpty else { return }
        let bodies = items.map(\.body)
        delivered.append((bodies, items))
        try await deliver(bodies, items)
    }

    private func deliver(_ bodies: [[UInt8]], _ items: [ModelWebhook]) async throws {
        if isAway {
            for body in bodies { try await gateway.ingest.accept(body) }
            spooled.append((items, clock.now))
        } else {
            let now = clock.now
            try await gateway.ingest.writer.write(bodies.map { ReceivedWebhook(body: $0, receivedAt: now) })
            apply(items, receivedAt: now)
        }
    }

    private func apply(_ items: [ModelWebhook], receivedAt: Int64) {
        for item in items {
            switch item {
            case .text(let customer, _, let id, let text, let time):
                model.text(customer, id: id, text, time: time, receivedAt: receivedAt)
            case .echo(let customer, _, let id, let text, _): model.echo(customer, id: id, text)
            case .status(let kind, let wamid, let time, let callback):
                model.status(kind, of: wamid, time: time, callback: callback)
            case .change(var change, _):
                change.receivedAt = receivedAt
                model.change(change)
            }
        }
    }

    private func submit(_ customer: Int, _ key: Int?) async throws {
        let name = key.map { "run \(run) key \($0)" }
        submissions += 1
        let text = name ?? "words \(submissions)"
        let draft = Draft(content: .text(body: text, previewURL: false))
        let known = name.flatMap { model.known($0) }
        let phone = try #require(PhoneNumber(phone(customer)))
        do throws(GatewayError) {
            let message = try await gateway.outbound.submit(
                draft, to: .phone(phone, account: .default), idempotencyKey: name
            ).message
            if isAway { mistakes.append("a message was taken without a database") }
            if let known {
                if known.customer != customer || known.id != message.messageID.rawValue {
                    mistakes.append("the key of \(known.id) gave \(message.messageID.rawValue)")
                }
            } else {
                if !model.isWindowOpen(customer, at: clock.now) { mistakes.append("a closed window let words out") }
                model.submitted(customer, id: message.messageID.rawValue, text, key: name)
            }
        } catch {
            let expected: GatewayError.Code? =
                if isAway { .unavailable } else if let known, known.customer != customer {
                    .conflict
                } else if known
                    == nil, !model.isWindowOpen(customer, at: clock.now)
                {
                    .windowClosed
                } else { nil }
            if error.code != expected { mistakes.append("a message was refused: \(error.message)") }
        }
    }

    /// Runs one job that is due.
    /// - Returns: whether there was one.
    private func work(_ outcome: ModelStep.MetaOutcome) async throws -> Bool {
        guard !isAway, let job = try await gateway.jobs.queue.claim(1).first else { return false }
        meta.expect(outcome)
        guard let handler = gateway.jobs.handlers[job.kind] else { return false }
        if let verdict = try await handler.run(job) { try await gateway.jobs.queue.finish(job, verdict) }
        let id = job.payload["messageId"]?.string ?? ""
        let requests = meta.takeRequests()
        if job.kind == .send, job.wasInFlight {
            if !requests.isEmpty { mistakes.append("\(id) was sent again without knowing what became of it") }
            model.lost(id, at: clock.now)
        }
        for request in requests { note(request) }
        if job.kind == .settle { model.graceEnded(id, at: clock.now, grace: Self.grace) }
        return true
    }

    private func note(_ request: ModelMeta.Request) {
        model.requested(request.id)
        if let wamid = request.wamid { taken.append((wamid, request.id)) }
        switch request.outcome {
        case .accepted: model.accepted(request.id, wamid: request.wamid ?? "", at: clock.now)
        case .answerLost, .garbled: model.lost(request.id, at: clock.now)
        case .refused: model.refused(request.id, at: clock.now)
        case .serverError:
            attempts[request.id, default: 0] += 1
            if attempts[request.id] == 3 { model.refused(request.id, at: clock.now) }
        case .throttled: break
        }
    }

    private func markRead(_ customer: Int) async throws {
        do throws(GatewayError) {
            _ = try await gateway.rooms.markRead(room(customer))
            model.read(customer, at: clock.now)
        } catch {
            let isExpected = isAway ? error.code == .unavailable : error.code == .notFound
            if !isExpected { mistakes.append("marking as read failed: \(error.message)") }
        }
    }

    private func crash(_ point: ModelStep.CrashPoint) async throws {
        if !isAway, let job = try await gateway.jobs.queue.claim(1).first, job.kind == .send, !job.wasInFlight,
            let id = job.payload["messageId"]?.string, try await isPending(id), point != .claimed
        {
            #expect(try await gateway.jobs.queue.markInFlight(job))
            if point == .received {
                model.requested(id)
                taken.append(("wamid.out.\(id)", id))
            }
        }
        try await restart()
    }

    private func isPending(_ id: String) async throws -> Bool {
        try await database.read { session in
            try session.query("SELECT status FROM whatsapp_messages WHERE message_id = $1", [.text(id)]).first?.text(
                "status")
        } == "pending"
    }

    private func restart() async throws {
        // A gateway does not start without its database.
        guard !isAway else { return }
        await drop()
        gateway = try await Harness.open(settings, clock)
        intake = Self.serve(gateway)
    }

    private func drop() async {
        intake.cancel()
        _ = await intake.result
        await gateway.close()
    }

    private static func serve(_ gateway: Gateway) -> Task<Void, any Error> {
        Task { try await gateway.ingest.run() }
    }

    private func replay() async throws {
        guard !isAway else { return }
        let report = try await gateway.replay.replay(ReplaySelection())
        if report.messages + report.statuses + report.changed + report.failed > 0 {
            mistakes.append("a replay brought something new: \(report)")
        }
    }

    private func comeBack() async throws {
        guard isAway else { return }
        proxy?.up()
        isAway = false
        let deadline = ContinuousClock.now + .seconds(60)
        func isReachable() async -> Bool {
            // Why not, does not matter here: it is asked again.
            (try? await gateway.jobs.queue.look()) != nil
        }
        // The connections come back one by one.
        while await !isReachable() {
            try #require(ContinuousClock.now < deadline, "the database does not come back")
            try await Task.sleep(for: .milliseconds(5))
        }
        if let drain = gateway.drain {
            let service = Task { try await drain.run() }
            while drain.spool.depth > 0 {
                try #require(ContinuousClock.now < deadline, "the spool is not drained")
                try await Task.sleep(for: .milliseconds(5))
            }
            service.cancel()
            _ = await service.result
        }
        for webhook in spooled { apply(webhook.items, receivedAt: webhook.receivedAt) }
        spooled = []
    }

    /// Lets all that is open come to its end.
    private func settle() async throws {
        try await comeBack()
        for _ in 0..<100 {
            while try await work(.accepted) {}
            let rows = try await database.read { session in
                try session.query("SELECT COUNT(*) AS n FROM jobs WHERE state <> 'dead'").first?.integer("n")
            }
            if rows == 0 { return }
            clock.advance(by: .seconds(20))
            try await gateway.jobs.queue.letStragglersForward()
        }
        mistakes.append("jobs are left over")
    }

    // MARK: Looking

    private func compare() async throws {
        mistakes += model.mistakes
        guard !isAway, mistakes.isEmpty else { return }
        for customer in 0..<ModelStep.customers {
            let wanted = model.room(customer)
            var seen: [ModelReference.View] = []
            do throws(GatewayError) {
                seen = try await gateway.messages.inRoom(room(customer), limit: 1000).map(\.view)
            } catch {
                if error.code != .notFound { throw error }
            }
            for (index, view) in wanted.enumerated() where index >= seen.count || seen[index] != view {
                mistakes.append(
                    "customer \(customer): \(index < seen.count ? "\(seen[index])" : "nothing") for \(view)")
            }
            if seen.count > wanted.count { mistakes.append("customer \(customer): too many: \(seen[wanted.count])") }
        }
    }

    // MARK: Names

    private func phone(_ customer: Int) -> String { "1555\(1_000_000 + run * ModelStep.customers + customer)" }
    private func room(_ customer: Int) -> RoomName { RoomName(rawValue: "whatsapp_\(phone(customer))") }
    private func time(_ number: Int) -> Int64 { (start / 1000 - 3600 + Int64(number)) * 1000 }

    private func prepare(_ item: ModelItem) -> ModelWebhook? {
        let now = clock.now / 1000 * 1000
        switch item {
        case .text(let id):
            let customer = id % ModelStep.customers
            return .text(
                customer: customer, phone: phone(customer), id: incoming(id), text: "text \(id)", time: now)
        case .echo(let id):
            let customer = id % ModelStep.customers
            return .echo(customer: customer, phone: phone(customer), id: echo(id), text: "echo \(id)", time: now)
        case .status(let number, let kind, let time):
            guard !taken.isEmpty else { return nil }
            let (wamid, id) = taken[number % taken.count]
            return .status(kind: ModelItem.statuses[kind], wamid: wamid, time: self.time(time), callback: id)
        case .echoStatus(let id, let kind, let time):
            return .status(kind: ModelItem.statuses[kind], wamid: echo(id), time: self.time(time), callback: nil)
        case .reaction(let target, let customer, let emoji, let time):
            return change("reaction", target, customer, ["", "👍", "🎉", "😮"][emoji], time)
        case .edit(let target, let customer, let time):
            return change("edit", target, customer, "edited \(changes)", time)
        case .revoke(let target, let customer, let time): return change("revoke", target, customer, "", time)
        }
    }

    private func incoming(_ id: Int) -> String { "wamid.run\(run).in.\(id)" }
    private func echo(_ id: Int) -> String { "wamid.run\(run).echo.\(id)" }

    private func change(_ kind: String, _ target: Int, _ customer: Int, _ value: String, _ time: Int) -> ModelWebhook {
        changes += 1
        let id = target < ModelStep.ids ? incoming(target) : echo(target - ModelStep.ids)
        let change = ModelReference.Change(
            target: id, kind: kind, author: "+\(phone(customer))", value: value, time: self.time(time), receivedAt: 0,
            id: "wamid.run\(run).change.\(changes)")
        return .change(change, phone: phone(customer))
    }
}
