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
            try AuditTrail.note(.quotaSet, monthly.text, about: user, at: now, of: tenant, in: transaction)
            return wallet
        }
    }

    /// The maximum of wallets that one transaction closes months of.
    private static let quotaGroup = 500

    /// The next users whose quota's month is over; none when no month is over. `excluded`: users who are passed over.
    package func usersOfDueQuotas(of tenant: Tenant, at now: Timestamp, without excluded: Set<UserID>) async throws -> [UserID] {
        try await read { try Wallets.due(at: now, of: tenant, without: excluded, limit: Self.quotaGroup, $0) }
    }

    /// Closes the months that are over of the users' quotas, in one transaction, and returns of how many wallets. Nothing is stored once the
    /// lease is another owner's.
    package func closeQuotaMonths(
        of users: [UserID], in tenant: Tenant, at now: Timestamp, lease: Leases.Lease?
    ) async throws -> Int {
        try await transaction { transaction in
            var closed: [WalletKey: Wallet] = [:]
            let keys = users.map { WalletKey(tenant: tenant, owner: .user($0)) }
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
