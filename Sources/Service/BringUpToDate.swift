internal import Metering
internal import Store

extension ShopMeter {
    /// Before a user's account is shown: a late job must not show a period that is over, or a hold that is past its time.
    func bringUpToDate(_ user: UserID, of tenant: Tenant, at now: Timestamp) async throws {
        let account = try await read { try Accounts.find(user, of: tenant, $0) }
        let periods = periods
        if account?.period.isDue(at: now) ?? false {
            _ = try await transaction { try periods.close([user], of: tenant, at: now, in: $0) }
        }
        try await expireIfDue(account, of: tenant, at: now)
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
