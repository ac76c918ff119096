import JSON
import SQL
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// Meta blocks a number's lookups after twenty errors in an hour: it never sees more than fifteen.
@Suite(.timeLimit(.minutes(10))) struct LookupBudgetTests {
    private func budget(_ harness: Harness) -> LookupBudget {
        let clock = harness.clock
        return LookupBudget(database: harness.database, clock: Clock { clock.now })
    }

    private func take(_ budget: LookupBudget, _ account: AccountID = .default) async throws -> LookupBudget.Slot? {
        guard case .taken(let slot) = try await budget.take(account) else { return nil }
        return slot
    }

    private func wait(_ budget: LookupBudget) async throws -> Milliseconds? {
        guard case .wait(let time) = try await budget.take(.default) else { return nil }
        return time
    }

    @Test(arguments: Engines.all)
    func `fifteen lookups at a time, and after fifteen failures none for an hour`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            // Two gateways on one database.
            let budgets = [budget(harness), budget(harness)]
            var slots: [LookupBudget.Slot] = []
            for number in 0..<15 { slots.append(try #require(try await take(budgets[number % 2]))) }
            #expect(Set(slots).count == 15)
            #expect(try await wait(budgets[0]) == 1000, "those under way come back soon")
            try await budgets[1].giveBack(slots[3])
            slots[3] = try #require(try await take(budgets[0]))

            for slot in slots { try await budgets[0].keep(slot) }
            #expect(try await wait(budgets[1]) == 3_660_000)
            #expect(try await take(budgets[1], AccountID(rawValue: "other")) != nil)
            harness.clock.advance(by: .seconds(3659))
            #expect(try await wait(budgets[1]) == 1000)
            harness.clock.advance(by: .seconds(1))
            let later = try #require(try await take(budgets[1]))
            // Whoever had it before has nothing to give back any more.
            for slot in slots { try await budgets[0].giveBack(slot) }
            let held = "SELECT COUNT(*) AS n FROM media_lookups WHERE free_at > 0 AND account_id = 'default'"
            #expect(try await harness.count(held) == 1)
            try await budgets[1].giveBack(later)
            #expect(try await harness.count(held) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `what lookups held that a crash cut off comes back after a minute`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { (harness: Harness) async throws in
            let budget = budget(harness)
            var slots: [LookupBudget.Slot] = []
            for _ in 0..<15 { slots.append(try #require(try await take(budget))) }
            try await budget.keep(slots[0])
            harness.clock.advance(by: .seconds(59))
            #expect(try await wait(budget) == 1000)
            harness.clock.advance(by: .seconds(1))
            for _ in 1..<15 { try await budget.keep(try #require(try await take(budget))) }
            #expect(try await wait(budget) == 3_600_000, "one failed, by Meta's own word")
        }
    }

    @Test(arguments: Engines.all)
    func `media wait for the budget without spending attempts`(_ engine: SQLEngine) async throws {
        let clock = Mutex<TestClock?>(nil)
        let asked = Mutex<[Milliseconds]>([])
        let meta = try LocalServer { _ in
            let now = clock.withLock { $0?.now ?? 0 }
            asked.withLock { $0.append(now) }
            return StandInMeta.refusal(100, status: 400, subcode: 33)
        }
        defer { meta.stop() }
        try await Harness.run(engine, graphURL: meta.origin) { (harness: Harness) async throws in
            clock.withLock { $0 = harness.clock }
            try await harness.receive(
                messages: (0..<20).map { number in
                    ["from": "15550100001", "id": .string("wamid.\(number)"), "type": "image", "image": ["id": "1001"]]
                })
            try await harness.pass("a medium is pending") {
                try await harness.history("15550100001").allSatisfy { $0.media.status == .expired }
            }
            let times = asked.withLock { $0.sorted() }
            #expect(times.count >= 20)
            for (first, later) in zip(times, times.dropFirst(15)) { #expect(later - first > 3_600_000) }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead' AND pauses > 0") > 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE attempts > 0") == 0)
        }
    }
}
