/// A bucket of tokens, of which each request takes one. It holds a limit's `burst` at most and gains `perSecond` a second.
///
/// In any time of t seconds, requests of one token are let in at most burst + perSecond × t times. A request that costs more owes the rest: then
/// the next one waits until it is paid, and in the long run no more than perSecond are spent a second.
package struct TokenBucket: Equatable, Sendable {
    /// Thousandths of a token, so that a millisecond's gain is whole; below 0 when tokens are owed.
    private var thousandths: Int64
    /// The latest time that was seen, in milliseconds of a clock of the caller's choice.
    private var time: Int64

    package static func full(_ limit: RateLimit, at time: Int64) -> TokenBucket {
        TokenBucket(thousandths: limit.burst * 1_000, time: time)
    }

    /// Takes a token, if there is one. Returns nil then, else after how many milliseconds there will be one.
    package mutating func take(by limit: RateLimit, at now: Int64) -> Int64? {
        gain(by: limit, at: now)
        guard thousandths < 1_000 else {
            thousandths -= 1_000
            return nil
        }
        return (1_000 - thousandths + limit.perSecond - 1) / limit.perSecond
    }

    /// Takes tokens that are owed if they are not there: at most `RateLimit.bounds.upperBound` are owed at once.
    package mutating func owe(_ tokens: Int64, by limit: RateLimit, at now: Int64) {
        gain(by: limit, at: now)
        let most = RateLimit.bounds.upperBound
        thousandths = max(-most * 1_000, thousandths - min(max(0, tokens), most) * 1_000)
    }

    /// Puts back a token that was taken.
    package mutating func give(by limit: RateLimit) { thousandths = min(limit.burst * 1_000, thousandths + 1_000) }

    /// The whole tokens that are there.
    package var tokens: Int64 { max(0, thousandths / 1_000) }

    /// Adds the gain since the latest time. A clock that went back gains nothing until it has caught up.
    private mutating func gain(by limit: RateLimit, at now: Int64) {
        let elapsed = Int128(max(0, now)) - Int128(time)
        guard elapsed > 0 else { return }
        thousandths = Int64(min(Int128(limit.burst) * 1_000, Int128(thousandths) + elapsed * Int128(limit.perSecond)))
        time = now
    }
}
