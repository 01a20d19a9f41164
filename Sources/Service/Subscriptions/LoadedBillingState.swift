internal import Metering
internal import Store

/// A user's ledger as it was read in a transaction, brought up to date.
struct LoadedBillingState {
    let tenant: Tenant
    let free: Plan
    /// The time of what follows: the shop's, but not before the period began. Another instance, whose clock is ahead, may have closed the
    /// last one already, and no period ends before it begins.
    let now: Timestamp
    private let issuer: InvoiceIssuer
    /// As stored; nil when there was no account.
    let stored: Account?
    var ledger: BillingState
    /// The live subscription as stored.
    private let subscribed: Subscription?
    /// Of the subscription before a new one, if one is made: the end that the periods that were due may have brought it.
    private var former: SubscriptionEdit?

    /// Reads the account and the live subscription, and closes periods that are due, so that what follows stands in the current one.
    init(of user: UserID, tenant: Tenant, settings: Settings, at now: Timestamp, _ reading: Reading) throws {
        self.tenant = tenant
        issuer = settings.issuer
        free = try ShopMeter.freePlan(of: tenant, settings: settings, reading)
        stored = try Accounts.find(user, of: tenant, reading)
        let account = stored ?? .opened(for: user, free: free, at: now)
        subscribed = try Subscriptions.live(user, of: tenant, reading)
        ledger = BillingState(account: account, subscription: subscribed)
        _ = ledger.closeDuePeriods(at: now, free: free)
        self.now = max(now, ledger.account.period.start)
        former = edit
    }

    private var edit: SubscriptionEdit? {
        guard let subscribed, let after = ledger.subscription else { return nil }
        return SubscriptionEdit(tenant: tenant, before: subscribed, after: after)
    }

    /// Puts the user on a new subscription. What the shop owes from the one before, if there was one, goes over to it.
    mutating func start(_ subscription: Subscription, after last: Subscription?) {
        var subscription = subscription
        if let last, case var emptied = former?.after ?? last, emptied.plan.currency == subscription.plan.currency {
            subscription.creditBalance = emptied.creditBalance
            emptied.creditBalance = .zero
            former = SubscriptionEdit(tenant: tenant, before: last, after: emptied)
        }
        ledger.start(subscription, at: now, free: free)
    }

    /// Stores what changed and what was billed for it, the account by its version, which guards all of it. A subscription that was not
    /// stored before is new; one that ended on the way is stored before another takes its place.
    func save(in transaction: Transaction) throws {
        let isNew = ledger.subscription?.id != subscribed?.id
        let edits = [isNew ? former : edit].compactMap(\.self)
        try issuer.issue(ledger.charges, of: tenant, at: now, in: transaction)
        try Subscriptions.save(edits, in: transaction)
        if isNew, let subscription = ledger.subscription { try Subscriptions.insert(subscription, of: tenant, in: transaction) }
        if stored != ledger.account || subscribed != ledger.subscription {
            try Accounts.save([AccountChange(tenant: tenant, before: stored, after: ledger.account)], in: transaction)
        }
    }
}
