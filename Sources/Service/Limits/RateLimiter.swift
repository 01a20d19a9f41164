package import Metering
internal import Store
internal import Synchronization

/// A request that was not let in.
package struct RateExcess: Equatable, Sendable {
    /// The name of the limit that was met: a class of requests, `end_user` or `failures`.
    package let name: String
    package let limit: RateLimit
    /// Until the next request is let in, at least 1.
    package let milliseconds: Int64
}

/// The buckets of shops, end users and addresses. Each instance has its own.
final class RateLimiter: Sendable {
    private struct Buckets {
        // They stand apart, so that many addresses or users push no shop's bucket out.
        var shops = BoundedCache<ShopClass, LimitedBucket>(capacity: 40_000)
        var users = BoundedCache<AccountKey, TokenBucket>(capacity: 40_000)
        var addresses = BoundedCache<String, TokenBucket>(capacity: 40_000)
    }

    struct ShopClass: Hashable {
        let tenant: Tenant
        let kind: RateClass
    }

    /// A shop's bucket, with the limit by which a request was let in last.
    private struct LimitedBucket {
        var bucket: TokenBucket
        var limit: RateLimit
    }

    private let limits: RateLimits
    /// Milliseconds of a clock that never goes back.
    private let now: @Sendable () -> Int64
    private let buckets = Mutex(Buckets())

    init(limits: RateLimits, now: @escaping @Sendable () -> Int64 = RateLimiter.uptime) {
        self.limits = limits
        self.now = now
    }

    private static let start = ContinuousClock.now

    static func uptime() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// Takes a token of the shop's for a request of that class. `own`: the limits that the shop has of its own.
    func enter(_ tenant: Tenant, as kind: RateClass, _ own: ShopRateLimits = ShopRateLimits()) throws(ServiceError) {
        let key = ShopClass(tenant: tenant, kind: kind)
        guard let limit = own.limit(kind, of: limits) else { return buckets.withLock { $0.shops[key] = nil } }
        try take(by: limit, kind.rawValue) { buckets, limit, now in
            var bucket = buckets.shops[key]?.bucket ?? .full(limit, at: now)
            defer { buckets.shops[key] = LimitedBucket(bucket: bucket, limit: limit) }
            return bucket.take(by: limit, at: now)
        }
    }

    /// Takes a token of the end user's.
    func enter(_ user: AccountKey) throws(ServiceError) {
        try take(by: limits.endUser, "end_user") { $0.users.take(user, by: $1, at: $2) }
    }

    /// Takes a token for an authentication that may fail, or has failed. Without an address nothing is limited.
    func fail(from address: String?) throws(ServiceError) {
        guard let address else { return }
        try take(by: limits.failures, "failures") { $0.addresses.take(address, by: $1, at: $2) }
    }

    private func take(
        by limit: RateLimit?, _ name: String, _ take: (inout Buckets, RateLimit, _ now: Int64) -> Int64?
    ) throws(ServiceError) {
        guard let limit else { return }
        let wait = buckets.withLock { take(&$0, limit, now()) }
        if let wait { throw .rateLimited(RateExcess(name: name, limit: limit, milliseconds: wait)) }
    }

    /// Puts the token back of an authentication that did not fail.
    func succeed(from address: String?) {
        guard let address, let limit = limits.failures else { return }
        buckets.withLock { $0.addresses[address]?.give(by: limit) }
    }

    /// Charges what a request costs beyond the token that it took.
    func owe(_ tokens: Int, by tenant: Tenant, as kind: RateClass) {
        guard tokens > 0 else { return }
        let (key, time) = (ShopClass(tenant: tenant, kind: kind), now())
        buckets.withLock { buckets in
            guard let limit = buckets.shops[key]?.limit else { return }
            buckets.shops[key]?.bucket.owe(Int64(tokens), by: limit, at: time)
        }
    }
}

extension BoundedCache where Value == TokenBucket {
    /// Takes a token of the key's bucket, which is full when it is not there. Returns nil, or the milliseconds until there is one.
    fileprivate mutating func take(_ key: Key, by limit: RateLimit, at now: Int64) -> Int64? {
        var bucket = self[key] ?? .full(limit, at: now)
        defer { self[key] = bucket }
        return bucket.take(by: limit, at: now)
    }
}

extension ShopMeter {
    /// Lets a request in that the credential makes. Throws `rateLimited` when its shop or its end user makes too many of that class; the
    /// platform's operator is not limited.
    package func enter(_ credential: Credential, as kind: RateClass) async throws {
        switch credential {
        case .admin: return
        case .shop(let tenant, _, _): try rates.enter(tenant, as: kind, await recentLimits(of: tenant))
        case .endUser(let tenant, let user):
            try rates.enter(AccountKey(tenant: tenant, user: user))
            try rates.enter(tenant, as: kind, await recentLimits(of: tenant))
        }
    }

    /// Charges a request that was let in for what it brings beyond one: a batch, for its other events.
    package func charge(_ tokens: Int, to tenant: Tenant, as kind: RateClass) { rates.owe(tokens, by: tenant, as: kind) }

    /// Runs `find`, which returns nil for a caller who is nobody. Throws `rateLimited` when too many from that address were: in the place of nil,
    /// and before a look-up in the database. Whoever is known already is always let in, however many strangers share the address.
    package func limitingFailures<Found>(
        from address: String?, needsLookUp: Bool, _ find: () async throws -> Found?
    ) async throws -> Found? {
        if needsLookUp { try rates.fail(from: address) }
        let found = try await find()
        if found != nil, needsLookUp { rates.succeed(from: address) }
        if found == nil, !needsLookUp { try rates.fail(from: address) }
        return found
    }
}
