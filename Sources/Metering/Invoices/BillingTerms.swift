/// The price of time on a plan, as it was agreed when the plan took effect.
package struct AgreedTerms: Equatable, Sendable {
    package let plan: PlanName
    package let displayName: String
    /// The price of a whole period.
    package let fee: Money

    package init(plan: PlanName, displayName: String, fee: Money) {
        self.plan = plan
        self.displayName = displayName
        self.fee = fee
    }
}

/// The terms by which a subscription's present period is billed. The subscription keeps them beside its history, which does not say them:
/// its entries are bounded, and of two changes in one millisecond it cannot tell which began the period.
package struct PeriodTerms: Equatable, Sendable {
    /// The terms at the period's start: their fee is billed when the period ends.
    package let opening: AgreedTerms
    /// The terms now. What the rest of the period costs more or less than by `opening` was billed with each change.
    package var current: AgreedTerms

    package init(opening: AgreedTerms, current: AgreedTerms) {
        self.opening = opening
        self.current = current
    }

    init(_ terms: AgreedTerms) { self.init(opening: terms, current: terms) }
}

/// Money that a shop owes a user and keeps for later invoices, where no invoice is issued that could say so.
package struct CreditGrant: Equatable, Sendable {
    package let user: UserID
    package let amount: Money
    package let currency: Currency
    package let reason: String

    package init(user: UserID, amount: Money, currency: Currency, reason: String) {
        self.user = user
        self.amount = amount
        self.currency = currency
        self.reason = reason
    }

    package func transaction(at now: Timestamp) -> BillingTransaction {
        BillingTransaction(kind: .credit, user: user, invoice: nil, amount: amount, currency: currency, reference: reason, at: now)
    }
}

/// The outcome in money of a change or of a period's end, to be stored with it.
package enum BillingOutcome: Equatable, Sendable {
    case bill(Bill)
    case credit(CreditGrant)
    /// An invoice that was open, and what was given back or credit has made of it.
    case moved(Invoice, to: Invoice)

    /// Nil for the others.
    package var bill: Bill? {
        if case .bill(let bill) = self { bill } else { nil }
    }

    /// Nil for the others.
    package var grant: CreditGrant? {
        if case .credit(let grant) = self { grant } else { nil }
    }

    /// Nil for the others.
    package var moved: (before: Invoice, after: Invoice)? {
        if case .moved(let before, let after) = self { (before, after) } else { nil }
    }
}

extension Subscription {
    /// Whether time costs anything: it does not in a trial, nor in a suspension.
    var isPaidFor: Bool { status == .active || status == .pastDue }

    /// The price of the subscription's time from now on.
    var terms: AgreedTerms {
        AgreedTerms(plan: plan.name, displayName: plan.displayName, fee: isPaidFor ? plan.fee(for: cycle) : .zero)
    }

    /// Takes the credit of `former`, the user's subscription before this one, in every currency.
    package mutating func takeCredit(from former: inout Subscription) {
        for (currency, amount) in former.credit { credit[currency] = (credit[currency] ?? .zero) + amount }
        former.credit = [:]
    }

    /// Whether the subscription's plan may be in `currency`: it is already, or no fee is open in its present one.
    package func accepts(_ currency: Currency) -> Bool {
        let fees = [plan.fee(for: cycle), periodTerms?.opening.fee, periodTerms?.current.fee, tally.billed, tally.time].compactMap(\.self)
        return currency == plan.currency || fees.allSatisfy { $0 == .zero }
    }
}
