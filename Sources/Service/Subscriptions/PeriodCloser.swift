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

    /// What the closing of some users' due periods changes.
    struct Closing: Sendable {
        let tenant: Tenant
        let time: Timestamp
        var users: [UserID] = []
        /// Whom it left for the next transaction.
        var left: [UserID] = []
        var periods = 0
        fileprivate var accounts: [AccountChange] = []
        fileprivate var subscriptions: [SubscriptionEdit] = []
        fileprivate var charges: [BillingOutcome] = []
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
    ) throws -> Closing {
        let closing = try settle(users, of: tenant, at: now, transaction)
        try save(closing, lease: lease, in: transaction)
        return closing
    }

    /// Works out what closes, for as many of the users, in their order, as one transaction can; nothing is written.
    func settle(_ users: [UserID], of tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> Closing {
        let free = try ShopMeter.freePlan(of: tenant, settings: settings, reading)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, reading)
        let subscriptions = try Subscriptions.live(users, of: tenant, reading)
        var closing = Closing(tenant: tenant, time: now)
        for user in users {
            guard closing.periods < Self.periods else { break }
            closing.users.append(user)
            guard let account = accounts[AccountKey(tenant: tenant, user: user)], account.period.isDue(at: now) else { continue }
            var ledger = BillingState(account: account, subscription: subscriptions[user])
            closing.periods += ledger.closeDuePeriods(at: now, free: free)
            closing.accounts.append(AccountChange(tenant: tenant, before: account, after: ledger.account))
            closing.charges += ledger.charges
            if let before = subscriptions[user], let after = ledger.subscription {
                closing.subscriptions.append(SubscriptionEdit(tenant: tenant, before: before, after: after))
            }
        }
        closing.left = Array(users.dropFirst(closing.users.count))
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
