package struct SubscriptionID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A user's agreement with a shop: the plan, how long its periods are, and how the agreement stands.
package struct Subscription: Equatable, Sendable {
    package let id: SubscriptionID
    package let user: UserID
    /// The plan as it was agreed: the catalog's, changed where the shop said otherwise.
    package var plan: Plan
    package var status: SubscriptionStatus
    package var cycle: BillingCycle
    /// The instant from which months and years are counted.
    package var anchor: Timestamp
    package var period: Period
    /// Nil when there was no trial, or it is over.
    package var trialEnd: Timestamp?
    package var cancelAtPeriodEnd: Bool
    package var canceledAt: Timestamp?
    package var suspendReason: String?
    /// The newest of Stripe's events that the subscription has followed.
    package var stripe = StripeWatermarks()
    /// Periods that end by then were billed by whoever kept the subscription before; nil: all are billed here.
    package var billedFrom: Timestamp?
    /// A change that waits for the period's end.
    package var pending: PendingChange?
    /// The steps of the subscription, the oldest first: at most `maximumHistory` entries.
    package var history: [PlanHistoryEntry]
    /// The terms by which the present period is billed; nil in a trial, which costs nothing whatever happens in it.
    package var periodTerms: PeriodTerms?
    /// What the present period has come to.
    package var tally: PeriodTally
    /// What was used of the allowance that does not count at present, the plan's or the free one's.
    package var parked: ParkedUse?
    /// Money that the shop owes the user, by currency, never below 0: it lowers the next invoices, until it is used up.
    package var credit: [Currency: Money]
    /// The plan on which the subscription began with a trial; nil: it began without.
    package var trialPlan: PlanName?
    package let createdAt: Timestamp

    /// The most entries of the history; older ones are dropped.
    package static let maximumHistory = 200

    package init(
        id: SubscriptionID, user: UserID, plan: Plan, status: SubscriptionStatus, cycle: BillingCycle, anchor: Timestamp, period: Period,
        trialEnd: Timestamp? = nil, cancelAtPeriodEnd: Bool = false, canceledAt: Timestamp? = nil, suspendReason: String? = nil,
        pending: PendingChange? = nil, history: [PlanHistoryEntry] = [], periodTerms: PeriodTerms? = nil, tally: PeriodTally? = nil,
        parked: ParkedUse? = nil, credit: [Currency: Money] = [:], trialPlan: PlanName? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.user = user
        self.plan = plan
        self.status = status
        self.cycle = cycle
        self.anchor = anchor
        self.period = period
        self.trialEnd = trialEnd
        self.cancelAtPeriodEnd = cancelAtPeriodEnd
        self.canceledAt = canceledAt
        self.suspendReason = suspendReason
        self.pending = pending
        self.history = history
        self.periodTerms = periodTerms
        self.tally = tally ?? PeriodTally(since: period.start)
        self.parked = parked
        self.credit = credit
        self.trialPlan = trialPlan
        self.createdAt = createdAt
    }

    package var isLive: Bool { status != .canceled }

    /// Whether the plan's allowance counts; else the free plan's does.
    package var isEntitled: Bool { status.isEntitled }

    /// The credit in the plan's currency.
    package var creditBalance: Money {
        get { credit[plan.currency] ?? .zero }
        set { credit[plan.currency] = newValue == .zero ? nil : newValue }
    }

    /// When it ended or will end; nil while no cancellation is settled.
    package var cancelAt: Timestamp? { canceledAt ?? (cancelAtPeriodEnd ? period.end : nil) }

    /// The fee of the next period; nil when there will be none.
    package var nextBillingAmount: Money? {
        guard isLive, !cancelAtPeriodEnd else { return nil }
        return (pending?.plan ?? plan).fee(for: pending?.cycle ?? cycle)
    }
}

/// The last step of a subscription, or the one that waits for its period's end.
package struct LastStep: Equatable, Sendable {
    package let name: String
    /// The plan before a change; nil of other steps.
    package let previousPlan: PlanName?
    package let effectiveAt: Timestamp
}

extension Subscription {
    package var lastStep: LastStep {
        let last = history.last
        let name = last?.reason ?? ChangeAction.create.rawValue
        if cancelAtPeriodEnd, name == LifecycleEvent.cancel.rawValue {
            return LastStep(name: name, previousPlan: nil, effectiveAt: period.end)
        }
        if let pending { return LastStep(name: pending.action.rawValue, previousPlan: plan.name, effectiveAt: period.end) }
        let isChange = name != ChangeAction.create.rawValue && ChangeAction(rawValue: name) != nil
        return LastStep(
            name: name, previousPlan: isChange ? history.dropLast().last?.plan : nil, effectiveAt: last?.start ?? createdAt)
    }
}

/// A change of plan that takes effect when the period ends.
package struct PendingChange: Equatable, Sendable {
    package let action: ChangeAction
    package let plan: Plan
    package let cycle: BillingCycle
    /// Who asked for it.
    package let actor: Actor

    package init(action: ChangeAction, plan: Plan, cycle: BillingCycle, by actor: Actor) {
        self.actor = actor
        self.action = action
        self.plan = plan
        self.cycle = cycle
    }
}

/// A step of a subscription, with the plan that it was on from then until the next step.
package struct PlanHistoryEntry: Equatable, Sendable {
    package let plan: PlanName
    /// The tokens of a period.
    package let tokens: Limit
    /// The price of a period.
    package let fee: Money
    package let start: Timestamp
    /// Nil in the entry that lasts.
    package var end: Timestamp?
    /// The step: `create`, `upgrade`, `suspend` and the other names of `ChangeAction` and `LifecycleEvent`.
    package let reason: String
    /// Why, in the words of whoever did it; nil where nothing was said.
    package let note: String?
    package let actor: Actor

    package init(
        plan: PlanName, tokens: Limit, fee: Money, start: Timestamp, end: Timestamp?, reason: String, note: String? = nil, by actor: Actor
    ) {
        self.note = note
        self.actor = actor
        self.plan = plan
        self.tokens = tokens
        self.fee = fee
        self.start = start
        self.end = end
        self.reason = reason
    }
}
