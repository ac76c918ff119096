import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// An endpoint that fails for hours, one that never comes back, and an event that it never takes.
@Suite(.timeLimit(.minutes(20))) struct EndpointRetryTests {
    private static let phones = ["15550100001", "15550100002", "15550100003"]

    /// That each room's events came once, in their order; the first is that there is a room.
    private func expectAll(_ lab: EndpointLab, through last: Int64) {
        for phone in Self.phones {
            let events = lab.backend.taken(in: "whatsapp_\(phone)")
            #expect(events.map(\.sequence) == [nil] + (1...last).map { $0 })
            #expect(Set(events.map { $0.event["id"] }).count == events.count)
        }
    }

    /// Lets hours pass, in each of which the endpoint is tried.
    private func pass(hours: Int, _ lab: EndpointLab) async throws {
        for _ in 0..<hours {
            let tries = lab.backend.tries.count
            try await lab.skip(.seconds(3600))
            try await lab.harness.pass("it was not tried") { lab.backend.tries.count > tries }
        }
    }

    @Test(arguments: Engines.all)
    func `an endpoint that fails for hours gets everything once it is back, in the order of each room`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer(with: 503)
            for phone in Self.phones { try await lab.write(["1", "2", "3", "4", "5"], from: phone) }
            try await lab.harness.wait("it was not tried") { lab.backend.tries.count >= 3 }
            try await pass(hours: 6, lab)
            #expect(try await lab.state().health.failingSince != nil)
            // One delivery at a time tries it.
            #expect(lab.backend.tries.count < 30)
            lab.backend.answer(with: 200)
            try await lab.settle()
            expectAll(lab, through: 5)
            #expect(lab.backend.taken.count == 18)
            #expect(try await lab.state().health == EndpointHealth())
        }
    }

    @Test(arguments: Engines.all)
    func `events that were erased before they were told don't keep an endpoint behind`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine, isServing: false) { lab in
            try await lab.write(["1", "2"], from: Self.phones[0])
            _ = try await lab.harness.gateway.erasure.eraseContact(#require(PhoneNumber(Self.phones[0])))
            let last = try await lab.harness.count("SELECT position AS n FROM event_counter WHERE name = 'events'")
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM events WHERE position = \(last)") == 0)
            #expect(await lab.harness.gateway.dispatch.advance() == .done)
            #expect(try await lab.state().position == last)
        }
    }

    @Test(arguments: Engines.all)
    func `what was to be told when the gateway stopped is told by the next one`(_ engine: SQLEngine) async throws {
        try await EndpointLab.run(engine, isServing: false) { lab in
            lab.backend.answer(with: 503)
            try await Harness.serve(lab.harness.gateway) {
                for phone in Self.phones { try await lab.write(["1", "2"], from: phone) }
                try await lab.harness.wait("it was not tried") { lab.backend.tries.count >= 3 }
            }
            for phone in Self.phones { try await lab.write(["3"], from: phone) }
            lab.harness.clock.advance(by: .seconds(3 * 3600))
            lab.backend.answer(with: 200)
            try await lab.harness.again { _ in
                try await lab.harness.wait("not everything was told") { lab.backend.taken.count >= 12 }
            }
            expectAll(lab, through: 3)
        }
    }

    @Test(arguments: Engines.all)
    func `an endpoint that takes nothing for three days is disabled with a notice, and enabled it gets what it missed`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer(with: 500)
            for phone in Self.phones { try await lab.write(["1", "2"], from: phone) }
            try await lab.harness.wait("it was not tried") { lab.backend.tries.count >= 3 }
            try await pass(hours: 2, lab)
            try await lab.skip(.seconds(70 * 3600))
            try await lab.harness.pass("it is active") { try await lab.state().state == .disabled }
            let notice = try #require(
                try await lab.harness.gateway.events.list(EventFilter(type: .webhookDisabled), limit: 9).events.first)
            #expect(notice.json["data"]?["endpoint"]?.string == lab.endpoint.id)
            #expect(notice.json["data"]?["reason"] == "it answered 500")
            let tries = lab.backend.tries.count
            // What happens while it is disabled waits with the rest.
            for phone in Self.phones { try await lab.write(["3"], from: phone) }
            #expect(try await lab.jobs("state = 'dead'") == 0)
            #expect(lab.backend.tries.count == tries)

            lab.backend.answer(with: 200)
            var change = EndpointChange()
            change.isActive = true
            #expect(try await lab.control.update(lab.endpoint.id, change).disabledReason == nil)
            try await lab.settle()
            expectAll(lab, through: 3)
            #expect(lab.backend.taken.map { $0.event["type"] }.contains("webhook.disabled"))

            lab.backend.answer(with: 410)
            try await lab.write(["4"])
            try await lab.harness.pass("it is active") { try await lab.state().state == .disabled }
            #expect(try await lab.state().disabledReason == "it answered 410")
        }
    }

    @Test(arguments: Engines.all)
    func `an event that is never taken holds up its room for three days, and no other; told again, it comes`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer { event in
                LocalServer.Reply(status: event["data"]?["text"] == "2" ? 422 : 200)
            }
            try await lab.write(["1", "2", "3"])
            try await lab.write(["1", "2b", "3"], from: Self.phones[1])
            try await lab.harness.wait("the others were not told") {
                lab.backend.taken(in: "whatsapp_15550100002").count == 4
            }
            try await lab.harness.wait("it was not tried") {
                lab.backend.tries.contains { $0.status == 422 }
            }
            #expect(lab.backend.taken(in: "whatsapp_15550100001").map(\.sequence) == [nil, 1])
            // Now and then something is taken: the endpoint is well.
            let start = lab.harness.clock.now
            var said = 0
            while try await lab.jobs("state = 'dead'") == 0 {
                said += 1
                try await lab.write(["more \(said)"], from: Self.phones[2])
                try await lab.dispatched()
                try await lab.harness.pass("it was not told") {
                    lab.backend.taken(in: "whatsapp_15550100003").last?.sequence == Int64(said)
                }
                try await lab.skip(.seconds(4 * 3600))
                try #require(said < 60)
            }
            #expect(lab.harness.clock.now - start >= 3 * .day)
            try await lab.settle()
            #expect(lab.backend.taken(in: "whatsapp_15550100001").map(\.sequence) == [nil, 1, 3])
            #expect(try await lab.state().state == .active)
            let log = try await lab.control.deliveries(lab.endpoint.id, before: nil, limit: 1000).map(\.json)
            #expect(log.count { $0["outcome"] == "failed" } == 1)

            lab.backend.answer(with: 200)
            _ = try await lab.control.replay(lab.endpoint.id, since: 0)
            try await lab.harness.wait("it was not told") {
                lab.backend.taken(in: "whatsapp_15550100001").suffix(4).map(\.sequence) == [nil, 1, 2, 3]
            }
            #expect(try await lab.jobs("state = 'dead'") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `events that are never taken, and after which nothing happens for a while, don't silence the endpoint`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer { event in
                LocalServer.Reply(status: event["data"]?["text"]?.string?.hasPrefix("never") == true ? 500 : 200)
            }
            for phone in Self.phones.prefix(2) { try await lab.write(["never \(phone)"], from: phone) }
            for round in 1...5 {
                // Nothing else to tell: the endpoint seems to take nothing.
                try await lab.pass("it is not left alone") {
                    let isStill = try await lab.jobs("state = 'running'") == 0
                    return try await lab.state().health.retryAt != nil && isStill
                }
                let time = try #require(try await lab.state().health.retryAt)
                if round == 1 {
                    // Whoever makes jobs of new events has looked by then.
                    let range = "\(time) AND \(time + EndpointDispatch.poll.milliseconds)"
                    #expect(try await lab.jobs("attempts > 0 AND run_at BETWEEN \(range)") == 0)
                }
                let before = lab.backend.tries.count
                try await lab.write(["\(round)"], from: Self.phones[2])
                try await lab.pass("it was not told") {
                    lab.backend.taken(in: "whatsapp_\(Self.phones[2])").last?.sequence == Int64(round)
                }
                #expect(lab.backend.tries.dropFirst(before).first?.status == 200)
            }
            #expect(try await lab.state().state == .active)
        }
    }

    @Test(arguments: Engines.all)
    func `what waits for a disabled endpoint goes with the events, and what waits for a removed one at once`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer(with: 410)
            try await lab.write(["1", "2"])
            try await lab.harness.wait("it is active") { try await lab.state().state == .disabled }
            #expect(try await lab.jobs("state = 'open'") > 0)
            #expect(try await lab.control.counts() == ["active": 0, "failing": 0, "disabled": 1])
            var change = EndpointChange()
            change.url = lab.endpoint.url
            let other = try await lab.control.create(change).endpoint
            try await lab.write(["3"])
            try await lab.harness.wait("it is active") {
                try await lab.control.find(other.id).state == .disabled
            }
            #expect(try await lab.jobs("lane LIKE '\(other.id):%'") > 0)
            try await lab.control.remove(other.id)
            #expect(try await lab.jobs("lane LIKE '\(other.id):%'") == 0)
            try await lab.skip(.seconds(30 * 86_400))
            try await lab.harness.wait("they are kept") {
                // One that is just being set back goes with the next.
                try await lab.harness.gateway.purge.purge()
                return try await lab.jobs() == 0
            }
            #expect(try await lab.control.deliveries(lab.endpoint.id, before: nil, limit: 9).isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `a long list told again becomes jobs bit by bit, and comes whole and in order`(_ engine: SQLEngine)
        async throws
    {
        try await EndpointLab.run(engine, isServing: false) { lab in
            let texts = (1...300).map(String.init)
            for phone in Self.phones.prefix(2) {
                try await lab.harness.store(texts.map { lab.harness.text($0, from: phone, id: "wamid.\(phone).\($0)") })
            }
            var dispatch = lab.harness.gateway.dispatch
            dispatch.heap = 250
            func jobs() async throws -> Int64 {
                while await dispatch.advance() == .hasMore {}
                return try await lab.jobs()
            }
            func remove() async throws {
                try await lab.harness.database.transaction { session in
                    _ = try session.execute("DELETE FROM jobs WHERE kind = 'deliver_event'")
                }
            }
            #expect(try await jobs() == 400)
            #expect(try await jobs() == 400)
            try await remove()
            #expect(try await jobs() == 202)
            try await remove()

            _ = try await lab.control.replay(lab.endpoint.id, since: 0)
            try await lab.harness.again { _ in
                try await lab.harness.wait("not everything was told") { lab.backend.taken.count >= 602 }
            }
            for phone in Self.phones.prefix(2) {
                var known: Set<JSON> = []
                let told = lab.backend.taken(in: "whatsapp_\(phone)").filter {
                    known.insert($0.event["id"] ?? .null).inserted
                }
                #expect(told.map(\.sequence) == [nil] + (1...300).map { $0 })
            }
        }
    }

    @Test func `an endpoint has so many deliveries at once, and one that hangs is not waited for`() async throws {
        let impatient = EndpointSeats(patience: .zero)
        for _ in 0..<EndpointSeats.most { #expect(await impatient.take("hangs")) }
        #expect(await !impatient.take("hangs"))
        #expect(await impatient.take("another"))
        impatient.give("hangs")
        #expect(await impatient.take("hangs"))
        // Who waits gets the seat that comes free, and none is lost.
        let seats = EndpointSeats(patience: .seconds(600))
        for _ in 0..<EndpointSeats.most { #expect(await seats.take("works")) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<EndpointSeats.most { group.addTask { await seats.take("works") } }
            for _ in 0..<EndpointSeats.most { seats.give("works") }
            for await isTaken in group { #expect(isTaken) }
        }
        for _ in 0..<EndpointSeats.most { seats.give("works") }
        for _ in 0..<EndpointSeats.most { #expect(await seats.take("works")) }
    }

    @Test func `failures are taken lightly at first, then rested from, and end after three days`() {
        let start: Milliseconds = 1_000_000
        var health = EndpointHealth()
        guard case .retry(let first) = health.fail(at: start, tries: 1, since: start) else {
            Issue.record("given up at once")
            return
        }
        #expect((.seconds(5)...(.seconds(5.5))).contains(first))
        #expect(health == EndpointHealth(failingSince: start))
        #expect(health.fail(at: start + 40_000, tries: 2, since: start) == .retry(after: .seconds(10)))
        #expect(health.retryAt == start + 50_000)
        #expect(health.fail(at: start + .hour, tries: 30, since: start) == .retry(after: .seconds(300)))
        #expect(health.fail(at: start + 3 * .day - 1, tries: 900, since: start) == .retry(after: .seconds(300)))
        #expect(health.fail(at: start + 3 * .day, tries: 901, since: start) == .disable)
        // Of an endpoint that takes others.
        var well = EndpointHealth()
        #expect(well.fail(at: start + 3 * .day, tries: 10, since: start) == .giveUp)
        well = EndpointHealth()
        guard case .retry = well.fail(at: start + 3 * .day, tries: 9, since: start) else {
            Issue.record("given up after nine tries")
            return
        }
        let days = EndpointHealth.waits.reduce(.zero, +)
        #expect((.seconds(2 * 86_400)...(.seconds(3 * 86_400))).contains(days))
    }
}
