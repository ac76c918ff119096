/// The places of one runner that are taken and free. Each plan has a few of its own, so that slow jobs of other plans
/// can never hold all; the rest is for whoever has the next turn.
struct JobPlaces: Sendable {
    private static let common: [JobPool: Int] = [.media: 15, .liveKit: 15, .endpoints: 24, .others: 60]
    private static let own: [JobPool: Int] = [.media: 1, .liveKit: 1, .endpoints: 2, .others: 4]

    private struct Seat: Hashable {
        let pool: JobPool
        let plan: AccountPlan
    }

    private var taken: [Seat: Int] = [:]

    var hasFree: Bool { JobPool.allCases.contains { pool in AccountPlan.allCases.contains { free(pool, $0) > 0 } } }

    func free(_ pool: JobPool, _ plan: AccountPlan) -> Int {
        let own = Self.own[pool] ?? 0
        let beyond = AccountPlan.allCases.reduce(0) { $0 + max(0, (taken[Seat(pool: pool, plan: $1)] ?? 0) - own) }
        let mine = max(0, own - (taken[Seat(pool: pool, plan: plan)] ?? 0))
        return mine + max(0, (Self.common[pool] ?? 0) - beyond)
    }

    mutating func take(_ pool: JobPool, _ plan: AccountPlan, count: Int = 1) {
        taken[Seat(pool: pool, plan: plan), default: 0] += count
    }
}
