internal import Metering
internal import Store

/// Closes the due periods of many users in one transaction. Closing twice is closing once, as a period that is not due stays.
package struct PeriodCloser: Sendable {
    let store: MeterStore
    let settings: Settings

    /// The maximum of users in one transaction of the job's, beside which events are recorded.
    package static let group = 100

    /// The maximum of users in one transaction for whose events their periods must be closed, and beside whom others' events wait.
    static let groupOfEvents = 50

    /// After how many periods a transaction takes no further user. After a long stop each user has many periods, and the database allows a
    /// transaction a few seconds.
    static let periods = 2_000

    /// The changes that close the due periods of users of one shop.
    struct Closing: Sendable {
        let tenant: Tenant
        let time: Timestamp
        var users: [UserID] = []
        /// The users who are left for the next transaction.
        var left: [UserID] = []
        var periods = 0
        /// The accounts of `users`, as far as there are any, as they are once the closing is stored.
        fileprivate(set) var stored: [AccountKey: Account] = [:]
        fileprivate var accounts: [AccountChange] = []
        fileprivate var subscriptions: [SubscriptionEdit] = []
        fileprivate var outcomes: [BillingOutcome] = []

        fileprivate var causes: [WebhookCause] {
            subscriptions.flatMap { WebhookCause.causes(of: $0.after, before: $0.before) }
                + accounts.flatMap { WebhookCause.causes(of: $0.after) }
        }
    }

    /// Closes the due periods of as many of the users as one transaction can, at least of one, on the caller's own thread.
    func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp) throws -> Closing {
        try store.blockingTransaction { try close(users, of: tenant, at: now, in: $0) }
    }

    /// Closes the due periods of as many of the users as one transaction can, at least of one.
    func close(
        _ users: [UserID], of tenant: Tenant, at now: Timestamp, lease: Leases.Lease? = nil, in transaction: Transaction
    ) throws -> Closing {
        let closing = try settle(users, of: tenant, at: now, transaction)
        try save(closing, lease: lease, in: transaction)
        return closing
    }

    /// Works out the closing of as many of the users, in their order, as one transaction can. Nothing is written.
    func settle(_ users: [UserID], of tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> Closing {
        let terms = try ShopTerms(of: tenant, settings: settings, reading)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, reading)
        let subscriptions = try Subscriptions.live(users, of: tenant, reading)
        var closing = Closing(tenant: tenant, time: now)
        for user in users {
            guard closing.periods < Self.periods else { break }
            closing.users.append(user)
            let key = AccountKey(tenant: tenant, user: user)
            closing.stored[key] = accounts[key]
            guard let account = accounts[key], account.period.isDue(at: now) else { continue }
            var state = BillingState(account: account, subscription: subscriptions[user], basis: terms.rules.proration)
            closing.periods += state.closeDuePeriods(at: now, free: terms.free)
            let change = AccountChange(
                tenant: tenant, before: account, after: state.account, step: .terms(state.subscription), at: now)
            closing.accounts.append(change)
            closing.stored[key] = change.stored
            closing.outcomes += state.outcomes
            if let before = subscriptions[user], let after = state.subscription {
                closing.subscriptions.append(SubscriptionEdit(tenant: tenant, before: before, after: after))
            }
        }
        closing.left = Array(users.dropFirst(closing.users.count))
        return closing
    }

    /// Stores the closing. Throws `conflict`, and stores nothing, when an account is not as it was read, or the lease is another owner's.
    func save(_ closing: Closing, lease: Leases.Lease?, in transaction: Transaction) throws {
        try settings.issuer.issue(closing.outcomes, of: closing.tenant, at: closing.time, in: transaction)
        try Subscriptions.save(closing.subscriptions, in: transaction)
        try Accounts.save(closing.accounts, in: transaction)
        try settings.outbox.tell(closing.causes, of: closing.tenant, at: closing.time, in: transaction)
        if let lease { try Leases.fence(lease, in: transaction) }
    }
}
