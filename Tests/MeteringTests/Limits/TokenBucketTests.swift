import Support
import Testing

@testable import Metering

struct TokenBucketTests {
    private static func limit(_ perSecond: Int64, _ burst: Int64) throws -> RateLimit {
        try #require(RateLimit(perSecond: perSecond, burst: burst))
    }

    @Test func `A burst is let in at once, then as many as the rate gives, and the refused are told when`() throws {
        let limit = try Self.limit(2, 3)
        var bucket = TokenBucket.full(limit, at: 0)
        for _ in 0..<3 { #expect(bucket.take(by: limit, at: 0) == nil) }
        #expect(bucket.take(by: limit, at: 0) == 500)
        #expect(bucket.take(by: limit, at: 499) == 1)
        #expect(bucket.take(by: limit, at: 500) == nil)
        #expect(bucket.take(by: limit, at: 600) == 400)
        #expect(bucket.tokens == 0)
        for _ in 0..<3 { #expect(bucket.take(by: limit, at: 100_000) == nil, "no more than a burst is saved up") }
        #expect(bucket.take(by: limit, at: 100_000) == 500)
    }

    @Test func `What a request owes is paid before the next one is let in`() throws {
        let limit = try Self.limit(100, 200)
        var bucket = TokenBucket.full(limit, at: 0)
        #expect(bucket.take(by: limit, at: 0) == nil)
        bucket.owe(999, by: limit, at: 0)
        #expect(bucket.take(by: limit, at: 0) == 8_010, "800 are owed, and one is taken")
        #expect(bucket.take(by: limit, at: 8_009) == 1 && bucket.take(by: limit, at: 8_010) == nil)
        bucket.owe(.max, by: limit, at: 8_010)
        let wait = try #require(bucket.taking(by: limit, at: 8_010))
        #expect(wait <= RateLimit.bounds.upperBound * 10 + 10, "a debt is bounded")
        bucket.owe(-5, by: limit, at: 8_010)
        var given = TokenBucket.full(limit, at: 0)
        given.give(by: limit)
        #expect(given == .full(limit, at: 0), "what is given back never passes the burst")
    }

    /// In any window of t, no more than burst + rate × t are let in, by whatever clock; times are integers of thousandths.
    @Test(arguments: 0..<40)
    func `No window has more than the burst and what its time gives`(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let limit = try Self.limit(.random(in: 1...50, using: &random), .random(in: 1...40, using: &random))
        var bucket = TokenBucket.full(limit, at: 0)
        var (now, latest) = (Int64(0), Int64(0))
        var admitted: [Int64] = []
        for _ in 0..<600 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0: now -= .random(in: 0...5_000, using: &random)
            case 1: now += .random(in: 0...3_000, using: &random)
            default: now += .random(in: 0...40, using: &random)
            }
            latest = max(latest, now)
            let wait = bucket.take(by: limit, at: now)
            if let wait { #expect(wait > 0) } else { admitted.append(latest) }
        }
        for (first, start) in admitted.enumerated() {
            for (last, end) in admitted.enumerated().dropFirst(first) {
                let bound = limit.burst * 1_000 + limit.perSecond * (end - start)
                #expect(Int64(last - first + 1) * 1_000 <= bound)
            }
        }
        #expect(admitted.count >= Int(limit.burst))
    }

    @Test func `Waiting as long as was told is enough, and waiting longer is never worse`() throws {
        for (rate, burst) in [(1, 1), (3, 7), (1_000_000, 1), (7, 1_000_000)] as [(Int64, Int64)] {
            let limit = try Self.limit(rate, burst)
            var bucket = TokenBucket.full(limit, at: 0)
            bucket.owe(burst, by: limit, at: 0)
            let wait = try #require(bucket.taking(by: limit, at: 0))
            for more in [0, 1, 1_000, Int64.max / 2] as [Int64] {
                var later = bucket
                #expect(later.take(by: limit, at: wait + more) == nil, "\(rate) \(burst) \(more)")
            }
        }
    }

    @Test func `A limit is within its bounds, and says in what time its burst comes back`() throws {
        #expect(RateLimit(perSecond: 0) == nil && RateLimit(perSecond: 1, burst: 0) == nil && RateLimit(perSecond: 1_000_001) == nil)
        #expect(RateLimit(perSecond: 10)?.burst == 20 && RateLimit(perSecond: 1_000_000)?.burst == 1_000_000)
        #expect(try Self.limit(10, 25).window == 3 && Self.limit(10, 1).window == 1)
        #expect(RateLimits.defaults.shop.count == RateClass.allCases.count)
    }
}

extension TokenBucket {
    /// Takes from a copy.
    fileprivate func taking(by limit: RateLimit, at now: Int64) -> Int64? {
        var copy = self
        return copy.take(by: limit, at: now)
    }
}
