import Testing

@testable import Gateway

/// Who gets how many of the places, without a database.
@Suite struct JobTurnsTests {
    private func stream(_ account: String, _ plan: AccountPlan, _ kind: Job.Kind = .send) -> JobStream {
        JobStream(account: AccountID(rawValue: account), kind: kind, plan: plan)
    }

    /// Lets jobs that never end be few: each turn gives one place, and it is free again at once.
    private func serve(_ turns: inout JobTurns, _ due: [JobStream], rounds: Int) -> [String: Int] {
        var got: [String: Int] = [:]
        for _ in 0..<rounds {
            var places = JobPlaces()
            for plan in AccountPlan.allCases { places.take(.others, plan, count: 4) }
            places.take(.others, .standard, count: places.free(.others, .standard) - 1)
            let shares = turns.shares(due, places)
            for (stream, count) in shares {
                got[stream.account.rawValue, default: 0] += count
                turns.charge(stream, count)
            }
        }
        return got
    }

    @Test func `who is alone gets every place that plans share, and its own`() {
        var turns = JobTurns()
        for plan in AccountPlan.allCases {
            let shares = turns.shares([stream("a", plan), stream("a", plan, .fetchMedia)], JobPlaces())
            #expect(shares.first { $0.stream.kind == .send }?.count == 64)
            #expect(shares.first { $0.stream.kind == .fetchMedia }?.count == 16)
        }
    }

    @Test func `plans share turns by weight and each gets some`() {
        var turns = JobTurns()
        let due = [stream("s", .standard), stream("p", .premium), stream("e", .enterprise)]
        #expect(serve(&turns, due, rounds: 1300) == ["s": 100, "p": 300, "e": 900])
    }

    @Test func `any number of accounts of a lower plan takes nothing from a higher one`() {
        var turns = JobTurns()
        let crowd = (0..<100).map { stream("s\($0)", .standard) }
        let got = serve(&turns, crowd + [stream("e", .enterprise)], rounds: 2000)
        #expect(got["e"] == 1800)
        #expect((0..<100).allSatisfy { got["s\($0)"] == 2 }, "and accounts of one plan take turns")
    }

    @Test func `one that was idle gets its turn at once and has saved none up`() {
        var turns = JobTurns()
        _ = serve(&turns, [stream("a", .standard)], rounds: 1000)
        let got = serve(&turns, [stream("a", .standard), stream("b", .standard)], rounds: 10)
        #expect(got == ["a": 5, "b": 5])
    }

    @Test func `slow jobs of two plans leave places for the third`() {
        for plan in AccountPlan.allCases {
            var places = JobPlaces()
            for other in AccountPlan.allCases where other != plan {
                places.take(.others, other, count: places.free(.others, other))
            }
            #expect(places.free(.others, plan) == 4)
            #expect(places.free(.media, plan) == 16, "media have places apart")
            places.take(.others, plan, count: 4)
            #expect(places.free(.others, plan) == 0)
        }
    }
}
