internal import Metering
internal import Store

/// A user's ledger as it was read in a transaction, brought up to date.
struct OpenLedger {
    let tenant: Tenant
    let free: Plan
    /// The time of what follows: the shop's, but not before the period began. Another instance, whose clock is ahead, may have closed the
    /// last one already, and no period ends before it begins.
    let now: Timestamp
    /// As stored; nil when there was no account.
    let stored: Account?
    var ledger: Ledger
    /// The live subscription as stored, and as the periods that were due left it: ended, it may be.
    private let subscribed: Subscription?
    private let continued: Subscription?

    /// Reads the account and the live subscription, and closes periods that are due, so that what follows stands in the current one.
    init(of user: UserID, tenant: Tenant, free: Plan, at now: Timestamp, _ reading: Reading) throws {
        self.tenant = tenant
        self.free = free
        stored = try Accounts.find(user, of: tenant, reading)
        let account = stored ?? .opened(for: user, free: free, at: now)
        subscribed = try Subscriptions.live(user, of: tenant, reading)
        ledger = Ledger(account: account, subscription: subscribed)
        _ = ledger.closeDuePeriods(at: now, free: free)
        continued = ledger.subscription
        self.now = max(now, ledger.account.period.start)
    }

    /// Stores what changed, the account by its version. A subscription that was not stored before is new; one that ended on the way is
    /// stored before another takes its place.
    func save(in transaction: Transaction) throws {
        let isNew = ledger.subscription?.id != subscribed?.id
        if let subscribed, let after = isNew ? continued : ledger.subscription {
            try Subscriptions.save([SubscriptionEdit(tenant: tenant, before: subscribed, after: after)], in: transaction)
        }
        if isNew, let subscription = ledger.subscription { try Subscriptions.insert(subscription, of: tenant, in: transaction) }
        if stored != ledger.account {
            try Accounts.save([AccountChange(tenant: tenant, before: stored, after: ledger.account)], in: transaction)
        }
    }
}
