internal import Metering
internal import Store

/// Closes the periods of many users together. Doing it twice is doing it once: a period that is not due stays.
package struct PeriodCloser: Sendable {
    let store: MeterStore
    let settings: Settings

    /// The most users of one transaction.
    package static let group = 500

    /// How many periods end a transaction's work: after a long stop each user has many, and the database allows a transaction seconds only.
    static let periods = 2_000

    /// What a transaction did, and whom it left for the next one.
    struct Outcome: Sendable {
        var periods = 0
        var left: [UserID] = []
    }

    /// Closes all of them, in as many transactions as that takes.
    func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp) throws {
        var left = users
        while !left.isEmpty {
            left = try store.blockingTransaction { try close(left, of: tenant, at: now, in: $0) }.left
        }
    }

    /// Closes what one transaction can, at least one user's. With a lease, nothing is closed once it is another's.
    func close(
        _ users: [UserID], of tenant: Tenant, at now: Timestamp, lease: Leases.Lease? = nil, in transaction: Transaction
    ) throws -> Outcome {
        let free = try ShopMeter.freePlan(of: tenant, settings: settings, transaction)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, transaction)
        let subscriptions = try Subscriptions.live(users, of: tenant, transaction)
        var outcome = Outcome()
        var changes: [AccountChange] = []
        var edits: [SubscriptionEdit] = []
        for account in accounts.values where account.period.isDue(at: now) {
            guard outcome.periods < Self.periods else {
                outcome.left.append(account.user)
                continue
            }
            var ledger = Ledger(account: account, subscription: subscriptions[account.user])
            outcome.periods += ledger.closeDuePeriods(at: now, free: free)
            changes.append(AccountChange(tenant: tenant, before: account, after: ledger.account))
            if let before = subscriptions[account.user], let after = ledger.subscription {
                edits.append(SubscriptionEdit(tenant: tenant, before: before, after: after))
            }
        }
        try Subscriptions.save(edits, in: transaction)
        try Accounts.save(changes, in: transaction)
        if let lease { try Leases.fence(lease, in: transaction) }
        return outcome
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
                let outcome = try await transaction { try periods.close(users, of: tenant, at: now, lease: held, in: $0) }
                done.periods += outcome.periods
                done.users += users.count - outcome.left.count
            } catch ServiceError.conflict where lease == nil && conflicts < Self.conflictLimit {
                conflicts += 1
            }
        }
    }

    private static let conflictLimit = 20
}
