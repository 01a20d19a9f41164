internal import Metering
internal import Store

/// What a walk over the shops did.
package struct ShopWalk: Equatable, Sendable {
    package var shops = 0
    /// Of what the job is about: holds, invoices, days.
    package var count = 0
}

extension ShopMeter {
    /// Before a user's account is shown: a late job must not show a period that is over, or a hold that is past its time. Returns whether
    /// the account must be read again.
    func bringUpToDate(_ account: Account, of tenant: Tenant, at now: Timestamp) async throws -> Bool {
        let (user, periods, isDue) = (account.user, periods, account.period.isDue(at: now))
        if isDue { _ = try await issuing(tenant) { try periods.close([user], of: tenant, at: now, in: $0) } }
        let hasExpired = try await expireIfDue(account, of: tenant, at: now)
        return isDue || hasExpired
    }

    /// What a job does in every shop, which `body` counts.
    func countingShops(_ body: (Tenant) async throws -> Int) async throws -> ShopWalk {
        var walk = ShopWalk()
        try await forEachShop { tenant in
            walk.shops += 1
            walk.count += try await body(tenant)
        }
        return walk
    }

    /// Every shop in the order of the ids, a page at a time.
    func forEachShop(_ body: (Tenant) async throws -> Void) async throws {
        var last: ShopID?
        while true {
            let after = last
            let shops = try await read { try Shops.list(after: after, limit: 100, $0) }
            for shop in shops { try await body(shop.tenant) }
            guard let next = shops.last?.id else { return }
            last = next
        }
    }
}
