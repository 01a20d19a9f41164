package import Metering
package import Store

extension ShopMeter {
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
