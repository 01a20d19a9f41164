package import Metering
package import Store

/// A pro owner's quota of a month, which is used before the balance.
extension ShopMeter {
    /// Sets the amount of each month's quota, and whether the owner is pro.
    package func setQuota(isPro: Bool, monthly: Money, of user: UserID, in tenant: Tenant) async throws -> Wallet {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            var wallet = try Self.wallet(of: .user(user), in: tenant, at: now, transaction)
            wallet.setQuota(isPro: isPro, monthly: monthly, at: now)
            try Wallets.save([WalletKey(tenant: tenant, owner: .user(user)): wallet], in: transaction)
            return wallet
        }
    }

    /// The maximum of wallets that one transaction closes months of.
    private static let quotaGroup = 500

    /// Closes the months that are over of the next wallets with a quota: how many wallets, nil when no month is over. Nothing is stored once
    /// the lease is another owner's.
    package func closeQuotaMonths(of tenant: Tenant, at now: Timestamp, lease: Leases.Lease?) async throws -> Int? {
        let keys = try await read { try Wallets.due(at: now, of: tenant, limit: Self.quotaGroup, $0) }
        guard !keys.isEmpty else { return nil }
        return try await transaction { transaction in
            var closed: [WalletKey: Wallet] = [:]
            for (key, wallet) in try Wallets.find(Set(keys), transaction) {
                var wallet = wallet
                if wallet.closeQuotaMonth(at: now) { closed[key] = wallet }
            }
            try Wallets.save(closed, in: transaction)
            if let lease { try Leases.fence(lease, in: transaction) }
            return closed.count
        }
    }
}
