import Testing

@testable import Gateway

@Suite struct TokenBucketTests {
    @Test func `what it holds is given at once, then one each interval`() {
        var bucket = TokenBucket(capacity: 3, interval: 128, at: 0)
        #expect((0..<3).map { _ in bucket.take(at: 0) } == [0, 0, 0])
        #expect(bucket.take(at: 0) == 128)
        #expect(bucket.take(at: 40) == 88, "a refused request takes nothing")
        #expect(bucket.take(at: 128) == 0)
        #expect(bucket.take(at: 255) == 1)
        #expect(bucket.take(at: 256) == 0)
    }

    @Test func `waiting as long as it says is enough`() {
        for interval in [12.5, 1000.0 / 80, 1000.0 / 3, 6000, 1.0 / 3] {
            var bucket = TokenBucket(capacity: 1, interval: interval, at: 0)
            var now: Milliseconds = 0
            for _ in 0..<1000 {
                let wait = bucket.take(at: now)
                now += wait
                if wait > 0 { #expect(bucket.take(at: now) == 0, "interval \(interval) at \(now)") }
            }
        }
    }

    @Test func `it never gives more than its rate`() {
        var bucket = TokenBucket(capacity: 5, interval: 10, at: 0)
        let taken = (0..<1000).count { bucket.take(at: Milliseconds($0)) == 0 }
        #expect(taken <= 5 + 1000 / 10)
        #expect(taken >= 100)
    }

    @Test func `a long rest fills it to the brim and no further`() {
        var bucket = TokenBucket(capacity: 2, interval: 10, at: 0)
        #expect([bucket.take(at: 0), bucket.take(at: 0)] == [0, 0])
        #expect(!bucket.isFull(at: 19))
        #expect(bucket.isFull(at: 20))
        #expect((0..<3).map { _ in bucket.take(at: 1_000_000) } == [0, 0, 10])
    }

    @Test func `a clock that is set back takes nothing and gives nothing`() {
        var bucket = TokenBucket(capacity: 1, interval: 1000, at: 10_000)
        #expect(bucket.take(at: 10_000) == 0)
        #expect(bucket.take(at: 5000) == 1000)
        #expect(bucket.take(at: 6000) == 0)
    }

    @Test func `what is given back can be taken again, up to the brim`() {
        var bucket = TokenBucket(capacity: 1, interval: 1000, at: 0)
        #expect(bucket.take(at: 0) == 0)
        bucket.giveBack()
        bucket.giveBack()
        #expect(bucket.take(at: 0) == 0)
        #expect(bucket.take(at: 0) == 1000)
    }
}

@Suite struct SendLimitTests {
    private let account = AccountID.default

    @Test func `a pair has forty-five at once and then one in six seconds`() {
        let limits = SendLimits(perSecond: 1000)
        #expect((0..<45).allSatisfy { _ in limits.take(account: account, lane: "a", at: 0) == 0 })
        #expect(limits.take(account: account, lane: "a", at: 0) == 6000)
        #expect(limits.take(account: account, lane: "b", at: 0) == 0, "another pair has its own")
        #expect(limits.take(account: account, lane: "a", at: 5999) == 1)
        #expect(limits.take(account: account, lane: "a", at: 6000) == 0)
        #expect(limits.take(account: account, lane: "a", at: 6000) == 6000)
    }

    @Test func `a number has its throughput over all pairs, and another number has its own`() {
        let limits = SendLimits(perSecond: 10)
        #expect((0..<10).allSatisfy { limits.take(account: account, lane: "\($0)", at: 0) == 0 })
        #expect(limits.take(account: account, lane: "x", at: 0) == 100)
        #expect(limits.take(account: AccountID(rawValue: "other"), lane: "y", at: 0) == 0)
        #expect(limits.take(account: account, lane: "x", at: 100) == 0)
    }

    @Test func `a place that the number's limit refused is not lost to the pair`() {
        let limits = SendLimits(perSecond: 1)
        #expect(limits.take(account: account, lane: "other", at: 0) == 0)
        for _ in 0..<100 { #expect(limits.take(account: account, lane: "a", at: 0) == 1000) }
        #expect((1...45).allSatisfy { limits.take(account: account, lane: "a", at: Milliseconds($0) * 1000) == 0 })
    }
}
