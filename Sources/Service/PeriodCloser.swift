package import Metering
package import Store

/// Closes the periods of many users in one transaction. Doing it twice is doing it once: a period that is not due stays.
package struct PeriodCloser: Sendable {
    let store: MeterStore
    let settings: Settings

    /// The most users of one transaction.
    package static let group = 500

    /// Returns how many periods were closed. With a lease, nothing is closed once it is another's.
    package func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp, lease: Leases.Lease? = nil) throws -> Int {
        try store.blockingTransaction { try close(users, of: tenant, at: now, lease: lease, in: $0) }
    }

    func close(
        _ users: [UserID], of tenant: Tenant, at now: Timestamp, lease: Leases.Lease? = nil, in transaction: Transaction
    ) throws -> Int {
        let free = try ShopMeter.freePlan(of: tenant, settings: settings, transaction)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, transaction)
        let subscriptions = try Subscriptions.live(users, of: tenant, transaction)
        var closed = 0
        var changes: [AccountChange] = []
        var edits: [SubscriptionEdit] = []
        for account in accounts.values where account.period.isDue(at: now) {
            var ledger = Ledger(account: account, subscription: subscriptions[account.user])
            closed += ledger.closeDuePeriods(at: now, free: free)
            changes.append(AccountChange(tenant: tenant, before: account, after: ledger.account))
            if let before = subscriptions[account.user], let after = ledger.subscription {
                edits.append(SubscriptionEdit(tenant: tenant, before: before, after: after))
            }
        }
        try Subscriptions.save(edits, in: transaction)
        try Accounts.save(changes, in: transaction)
        if let lease { try Leases.fence(lease, in: transaction) }
        return closed
    }
}

extension ShopMeter {
    /// What a walk over the shops did.
    package struct Rollover: Equatable, Sendable {
        package var shops = 0
        package var users = 0
        package var periods = 0
    }

    /// Closes every period that is due, shop by shop, group by group, while the lease is held.
    package func closeDuePeriods(under lease: JobLease) async throws -> Rollover {
        var done = Rollover()
        try await forEachShop { tenant in
            let shop = try await closeDuePeriods(of: tenant, under: lease)
            done.shops += 1
            done.users += shop.users
            done.periods += shop.periods
        }
        return done
    }

    /// Without a lease: beside others who may be at it, whose work is then found done.
    func closeDuePeriods(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Rollover {
        let now = try await now(of: tenant)
        var done = Rollover()
        var conflicts = 0
        while true {
            let users = try await read { try Accounts.due(at: now, of: tenant, limit: PeriodCloser.group, $0) }
            guard !users.isEmpty else { return done }
            let held = try await lease?.held()
            let periods = self.periods
            do {
                done.periods += try await transaction { try periods.close(users, of: tenant, at: now, lease: held, in: $0) }
                done.users += users.count
            } catch ServiceError.conflict where lease == nil && conflicts < Self.conflictLimit {
                conflicts += 1
            }
        }
    }

    private static let conflictLimit = 20
}
