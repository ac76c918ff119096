/// Whose turn it is, when more is due than there are places: plans by their weights, the streams of one plan in turn.
/// Each has a pass that grows with what it got, the less the more it weighs; the lowest is next. One that had nothing to
/// do joins at the present level: it gets its turn at once, and saves none up.
struct JobTurns: Sendable {
    private struct Level<Key: Hashable & Sendable>: Sendable {
        private var passes: [Key: Double] = [:]
        private var floor = 0.0

        func pass(_ key: Key) -> Double { max(passes[key] ?? 0, floor) }

        mutating func charge(_ key: Key, _ amount: Double) { passes[key] = pass(key) + amount }

        /// Raises the level to the lowest of those who compete, and forgets who is not above it.
        mutating func settle(_ competing: some Sequence<Key>) {
            floor = competing.map { pass($0) }.min() ?? floor
            passes = passes.filter { $0.value > floor }
        }
    }

    private var plans = Level<AccountPlan>()
    private var streams: [AccountPlan: Level<JobStream>] = [:]

    /// Divides the free places among streams that have something due.
    /// - Returns: each stream that gets any, with how many; in the order of their first turns.
    mutating func shares(_ due: [JobStream], _ places: JobPlaces) -> [(stream: JobStream, count: Int)] {
        let byPlan = Dictionary(grouping: due, by: \.plan)
        plans.settle(byPlan.keys)
        for (plan, members) in byPlan { streams[plan, default: Level()].settle(members) }
        var trial = self
        var left = places
        var order: [JobStream] = []
        var counts: [JobStream: Int] = [:]
        while let next = trial.next(byPlan, left) {
            if counts[next] == nil { order.append(next) }
            counts[next, default: 0] += 1
            left.take(next.kind.pool, next.plan)
            trial.charge(next, 1)
        }
        return order.map { ($0, counts[$0] ?? 0) }
    }

    /// Notes what a stream really got.
    mutating func charge(_ stream: JobStream, _ count: Int) {
        plans.charge(stream.plan, Double(count) / stream.plan.weight)
        streams[stream.plan, default: Level()].charge(stream, Double(count))
    }

    private func next(_ due: [AccountPlan: [JobStream]], _ places: JobPlaces) -> JobStream? {
        AccountPlan.allCases.reversed().compactMap { plan -> JobStream? in
            let level = streams[plan]
            return due[plan]?.lazy.filter { places.free($0.kind.pool, plan) > 0 }
                .min { (level?.pass($0) ?? 0) < (level?.pass($1) ?? 0) }
        }
        .min { plans.pass($0.plan) < plans.pass($1.plan) }
    }
}
