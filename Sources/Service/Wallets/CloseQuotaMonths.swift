internal import Metering
internal import Store

extension ShopMeter {
    /// The most wallets of one transaction.
    private static let quotaGroup = 500

    /// Closes the months of quotas that are over. Doing it twice is doing it once. Returns how many.
    func closeQuotaMonths(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Int {
        let now = try await now(of: tenant)
        var count = 0
        while true {
            let keys = try await read { try Wallets.due(at: now, of: tenant, limit: Self.quotaGroup, $0) }
            guard !keys.isEmpty else { return count }
            let held = try await lease?.held()
            count += try await transaction { transaction in
                var closed: [WalletKey: Wallet] = [:]
                for (key, wallet) in try Wallets.find(Set(keys), transaction) {
                    var wallet = wallet
                    if wallet.closeQuotaMonth(at: now) { closed[key] = wallet }
                }
                try Wallets.save(closed, in: transaction)
                if let held { try Leases.fence(held, in: transaction) }
                return closed.count
            }
        }
    }
}
