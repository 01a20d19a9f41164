package struct SubscriptionID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A user's agreement with a shop.
package struct Subscription: Equatable, Sendable {
    package let id: SubscriptionID
    package let user: UserID
    /// As agreed: the catalog's plan with what the shop said otherwise.
    package var plan: Plan
    package var status: SubscriptionStatus
    package var cycle: BillingCycle
    /// Periods are counted from it.
    package var anchor: Timestamp
    package var period: Period
    package var trialEnd: Timestamp?
    package var cancelAtPeriodEnd: Bool
    package var canceledAt: Timestamp?
    package var suspendReason: String?
    package var stripe = StripeWatermarks()
    /// Periods that end by then were billed by whoever kept the subscription before; nil: there was nobody.
    package var billedFrom: Timestamp?
    /// A change that waits for the period's end.
    package var pending: PendingChange?
    package var history: [PlanHistoryEntry]
    /// Nil in a period that costs nothing, whatever happens in it: a trial.
    package var billing: PeriodTerms?
    /// What the shop owes the user: it lowers the next invoices, until it is used up.
    package var creditBalance: Money
    package let createdAt: Timestamp

    /// Older entries than these are in the audit log alone.
    package static let maximumHistory = 200

    package init(
        id: SubscriptionID, user: UserID, plan: Plan, status: SubscriptionStatus, cycle: BillingCycle, anchor: Timestamp, period: Period,
        trialEnd: Timestamp? = nil, cancelAtPeriodEnd: Bool = false, canceledAt: Timestamp? = nil, suspendReason: String? = nil,
        pending: PendingChange? = nil, history: [PlanHistoryEntry] = [], billing: PeriodTerms? = nil, creditBalance: Money = .zero,
        createdAt: Timestamp
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
        self.billing = billing
        self.creditBalance = creditBalance
        self.createdAt = createdAt
    }

    package var isLive: Bool { status != .canceled }

    /// When it ends, if its cancellation is settled.
    package var cancelAt: Timestamp? { canceledAt ?? (cancelAtPeriodEnd ? period.end : nil) }

    /// What the next period costs; nil when there will be none.
    package var nextBillingAmount: Money? {
        guard isLive, !cancelAtPeriodEnd else { return nil }
        return (pending?.plan ?? plan).fee(for: pending?.cycle ?? cycle)
    }
}

package enum SubscriptionStatus: String, CaseIterable, Hashable, Sendable {
    case trialing, active
    case pastDue = "past_due"
    case suspended, canceled

    /// Whether the plan's allowance counts; else the user falls back to the free plan.
    package var isEntitled: Bool { self == .trialing || self == .active || self == .pastDue }
}

/// A plan change that takes effect when the period ends.
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

/// One stretch of a subscription's past or present: under which plan it was, and what began it.
package struct PlanHistoryEntry: Equatable, Sendable {
    package let plan: PlanName
    package let tokens: Limit
    package let fee: Money
    package let start: Timestamp
    /// Nil while it lasts.
    package var end: Timestamp?
    /// What was done: `create`, `upgrade`, `suspend`.
    package let reason: String
    /// Why, in the words of whoever did it.
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
