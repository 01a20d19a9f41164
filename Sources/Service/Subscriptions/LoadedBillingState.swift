internal import Metering
internal import Store

/// A user's billing state as a transaction read it, with the due periods closed.
struct LoadedBillingState {
    let tenant: Tenant
    let terms: ShopTerms
    /// The time of the changes: the shop's, but not before the current period began. Another instance whose clock is ahead may have closed
    /// the period before, and no period ends before it begins. Nor is it before the last entry of the account's log.
    let now: Timestamp
    private let issuer: InvoiceIssuer
    /// The account as stored; nil when there was none.
    let stored: Account?
    var state: BillingState
    /// The live subscription as stored.
    private let subscribed: Subscription?
    /// The change that closing due periods made to the live subscription, to be stored before a new one takes its place.
    private var former: SubscriptionEdit?

    /// Reads the account and the live subscription, and closes the periods that are due, so that later changes fall into the current period.
    /// `movingInvoices`: reads the user's open invoices too, for a step that may lower or pay them.
    init(
        of user: UserID, tenant: Tenant, settings: Settings, at now: Timestamp, movingInvoices: Bool = false, _ reading: Reading
    ) throws {
        self.init(
            of: user, tenant: tenant, terms: try ShopTerms(of: tenant, settings: settings, reading), issuer: settings.issuer,
            account: try Accounts.find(user, of: tenant, reading), subscription: try Subscriptions.live(user, of: tenant, reading),
            invoices: movingInvoices ? try Invoices.open(of: user, in: tenant, reading) : nil, at: now)
    }

    private init(
        of user: UserID, tenant: Tenant, terms: ShopTerms, issuer: InvoiceIssuer, account: Account?, subscription: Subscription?,
        invoices: [Invoice]? = nil, at now: Timestamp
    ) {
        (self.tenant, self.terms, self.issuer) = (tenant, terms, issuer)
        (stored, subscribed) = (account, subscription)
        state = BillingState(
            account: account ?? .opened(for: user, free: terms.free, at: now), subscription: subscription, basis: terms.rules.proration)
        if let invoices { state.invoices = invoices }
        _ = state.closeDuePeriods(at: now, free: terms.free)
        self.now = max(state.account.nextEntryTime(at: now), state.account.period.start)
        former = edit
    }

    /// Of each of the users, for whom no step is to follow.
    static func all(
        of users: [UserID], tenant: Tenant, settings: Settings, at now: Timestamp, _ reading: Reading
    ) throws -> [UserID: LoadedBillingState] {
        let terms = try ShopTerms(of: tenant, settings: settings, reading)
        let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, reading)
        let subscriptions = try Subscriptions.live(users, of: tenant, reading)
        let states = users.map { user in
            let account = accounts[AccountKey(tenant: tenant, user: user)]
            return LoadedBillingState(
                of: user, tenant: tenant, terms: terms, issuer: settings.issuer, account: account, subscription: subscriptions[user],
                at: now)
        }
        return Dictionary(uniqueKeysWithValues: zip(users, states))
    }

    private var edit: SubscriptionEdit? {
        guard let subscribed, let after = state.subscription else { return nil }
        return SubscriptionEdit(tenant: tenant, before: subscribed, after: after)
    }

    /// Puts the user on a new subscription. The credit of the subscription before goes over to it.
    mutating func start(_ subscription: Subscription, after last: Subscription?) {
        var subscription = subscription
        let ended = former?.after ?? last
        if let last, var emptied = ended {
            subscription.takeCredit(from: &emptied)
            emptied.parked = nil
            former = SubscriptionEdit(tenant: tenant, before: last, after: emptied)
        }
        state.start(subscription, after: ended, at: now, free: terms.free)
    }

    /// Grants a credit that no invoice says.
    mutating func grant(_ grant: CreditGrant, in transaction: Transaction) throws {
        state.grant(grant, at: now)
        if state.subscription == nil { try keepCredit(grant.amount, in: grant.currency, transaction) }
    }

    /// Gives credit to the live subscription, where it pays open invoices, else to the latest.
    mutating func returnCredit(_ amount: Money, in currency: Currency, _ transaction: Transaction) throws {
        state.returnCredit(amount, in: currency, at: now)
        if state.subscription == nil { try keepCredit(amount, in: currency, transaction) }
    }

    /// Keeps credit with the user's latest subscription, from which a new one takes it over.
    private func keepCredit(_ amount: Money, in currency: Currency, _ transaction: Transaction) throws {
        guard let last = try Subscriptions.latest(state.account.user, of: tenant, transaction) else { return }
        var after = last
        after.credit[currency] = (after.credit[currency] ?? .zero) + amount
        try Subscriptions.save([SubscriptionEdit(tenant: tenant, before: last, after: after)], in: transaction)
    }

    /// Stores the changes and issues the invoices for them. The account is stored on condition of its version, which guards everything else. A
    /// subscription that ended is stored before a new one takes its place.
    func save(in transaction: Transaction) throws {
        let isNew = state.subscription?.id != subscribed?.id
        let edits = [isNew ? former : edit].compactMap(\.self)
        try issuer.issue(state.outcomes, of: tenant, at: now, in: transaction)
        try Subscriptions.save(edits, in: transaction)
        var causes = edits.flatMap { WebhookCause.causes(of: $0.after, before: $0.before) }
        if isNew, let subscription = state.subscription {
            try Subscriptions.insert(subscription, with: (stored?.version ?? 0) + 1, of: tenant, in: transaction)
            causes += WebhookCause.causes(of: subscription, before: nil)
        }
        if stored != state.account || subscribed != state.subscription {
            let change = AccountChange(
                tenant: tenant, before: stored, after: state.account, step: .terms(state.subscription), at: now)
            try Accounts.save([change], in: transaction)
            causes += WebhookCause.causes(of: state.account)
        }
        try issuer.outbox.tell(causes, of: tenant, at: now, in: transaction)
    }
}
