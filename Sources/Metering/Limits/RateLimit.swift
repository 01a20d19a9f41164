/// How many requests are let in: `burst` at once after a rest, and `perSecond` in the long run.
package struct RateLimit: Hashable, Sendable {
    package let perSecond: Int64
    package let burst: Int64

    package static let bounds: ClosedRange<Int64> = 1...1_000_000

    /// Nil where one of the two is not within `bounds`. `burst`: by default two seconds' worth.
    package init?(perSecond: Int64, burst: Int64? = nil) {
        let burst = burst ?? min(perSecond * 2, Self.bounds.upperBound)
        guard Self.bounds.contains(perSecond), Self.bounds.contains(burst) else { return nil }
        self.init(perSecond, burst: burst)
    }

    private init(_ perSecond: Int64, burst: Int64) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// This limit, and in both numbers at most the other.
    package func narrowed(to other: RateLimit) -> RateLimit {
        RateLimit(min(perSecond, other.perSecond), burst: min(burst, other.burst))
    }

    /// The seconds in which a whole burst comes back, at least 1.
    package var window: Int64 { max(1, (burst + perSecond - 1) / perSecond) }
}

/// What a request does to the service, by which it is limited.
package enum RateClass: String, CaseIterable, Sendable {
    /// Recording: events, holds, purchases.
    case usage
    /// Reading what stands in few documents.
    case read
    /// Changing subscriptions, plans, invoices and wallets.
    case billing
    /// Reading over all events of a user, or all data of a shop.
    case export
}

/// The limits of the requests that this instance lets in. One that is missing is no limit.
package struct RateLimits: Equatable, Sendable {
    /// Of all requests of a class of one shop.
    package var shop: [RateClass: RateLimit]
    /// Of all requests of one end user.
    package var endUser: RateLimit?
    /// Of failed authentications of one address.
    package var failures: RateLimit?

    package init(shop: [RateClass: RateLimit] = [:], endUser: RateLimit? = nil, failures: RateLimit? = nil) {
        self.shop = shop
        self.endUser = endUser
        self.failures = failures
    }

    /// Recording, and reading what a request is decided by, is limited above what one instance can do, so that no honest backend meets it.
    package static let defaults = RateLimits(
        shop: [
            .usage: RateLimit(perSecond: 50_000, burst: 200_000), .read: RateLimit(perSecond: 50_000, burst: 200_000),
            .billing: RateLimit(perSecond: 5_000, burst: 20_000), .export: RateLimit(perSecond: 50, burst: 1_000),
        ].compactMapValues(\.self),
        endUser: RateLimit(perSecond: 100, burst: 1_000), failures: RateLimit(perSecond: 100, burst: 1_000))
}
