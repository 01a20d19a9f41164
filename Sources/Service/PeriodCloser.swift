package import Metering
internal import Store

/// Closes the periods of many users in one transaction. Doing it twice is doing it once: a period that is not due stays.
package struct PeriodCloser: Sendable {
    let store: MeterStore
    let settings: Settings

    /// The most users of one transaction.
    package static let group = 500

    /// What the closing of some users' due periods changes.
    struct Closing: Sendable {
        let tenant: Tenant
        let time: Timestamp
        var users: [UserID]
        var periods = 0
        fileprivate var accounts: [AccountChange] = []
        fileprivate var subscriptions: [SubscriptionEdit] = []
        fileprivate var charges: [Charge] = []
    }

    /// Returns how many periods were closed.
    package func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp) throws -> Int {
        try store.blockingTransaction { try close(users, of: tenant, at: now, in: $0) }
    }

    func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp, lease: Leases.Lease? = nil, in transaction: Transaction) throws
        -> Int
    {
        let closing = try settle(users, of: tenant, at: now, transaction)
        try save(closing, lease: lease, in: transaction)
        return closing.periods
    }

    /// Works out what closes; nothing is written.
    func settle(_ users: [UserID], of tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> Closing {
        let free = try ShopMeter.freePlan(of: tenant, settings: settings, reading)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, reading)
        let subscriptions = try Subscriptions.live(users, of: tenant, reading)
        var closing = Closing(tenant: tenant, time: now, users: users)
        let found = users.compactMap { accounts[AccountKey(tenant: tenant, user: $0)] }
        for account in found where account.period.isDue(at: now) {
            var ledger = Ledger(account: account, subscription: subscriptions[account.user])
            closing.periods += ledger.closeDuePeriods(at: now, free: free)
            closing.accounts.append(AccountChange(tenant: tenant, before: account, after: ledger.account))
            closing.charges += ledger.charges
            if let before = subscriptions[account.user], let after = ledger.subscription {
                closing.subscriptions.append(SubscriptionEdit(tenant: tenant, before: before, after: after))
            }
        }
        return closing
    }

    /// Writes it, if every account is still as it was read: else throws `conflict`. With a lease, nothing is written once it is another's.
    func save(_ closing: Closing, lease: Leases.Lease?, in transaction: Transaction) throws {
        try settings.issuer.issue(closing.charges, of: closing.tenant, at: closing.time, in: transaction)
        try Subscriptions.save(closing.subscriptions, in: transaction)
        try Accounts.save(closing.accounts, in: transaction)
        if let lease { try Leases.fence(lease, in: transaction) }
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

    /// Without a lease: beside others who may be at it, whose work is then found done. While one group is written, the next one is read.
    func closeDuePeriods(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Rollover {
        let now = try await now(of: tenant)
        var done = Rollover()
        var group = try await dueGroup(of: tenant, at: now, after: nil)
        while let (closing, last) = group {
            async let following = dueGroup(of: tenant, at: now, after: last)
            done.periods += try await save(closing, of: tenant, at: now, under: lease)
            done.users += closing.users.count
            group = try await following
        }
        return done
    }

    /// The next users whose periods are due, with what closing them changes; nil when there are none.
    private func dueGroup(
        of tenant: Tenant, at now: Timestamp, after place: Accounts.DuePlace?
    ) async throws -> (PeriodCloser.Closing, last: Accounts.DuePlace)? {
        let periods = periods
        return try await read { reading in
            let due = try Accounts.due(at: now, of: tenant, after: place, limit: PeriodCloser.group, reading)
            guard let last = due.last else { return nil }
            return (try periods.settle(due.map(\.user), of: tenant, at: now, reading), last)
        }
    }

    /// Where an account moved since it was read, the group is read again in the transaction that writes it.
    private func save(
        _ closing: PeriodCloser.Closing, of tenant: Tenant, at now: Timestamp, under lease: JobLease?
    ) async throws -> Int {
        let periods = periods
        let held = try await lease?.held()
        do {
            try await issuing(tenant) { try periods.save(closing, lease: held, in: $0) }
            return closing.periods
        } catch ServiceError.conflict {
            return try await issuing(tenant) { try periods.close(closing.users, of: tenant, at: now, lease: held, in: $0) }
        }
    }
}
