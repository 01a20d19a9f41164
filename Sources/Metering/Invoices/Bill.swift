/// The occasion of a bill.
package enum InvoiceKind: String, CaseIterable, Sendable {
    /// A period that is over: its fee and its overage.
    case period
    /// The rest of a period in which the plan changed or a suspension ended: what it costs more.
    case change
}

/// One line of a bill.
package struct InvoiceLine: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case fee, overage, credit
    }

    package let kind: Kind
    package let description: String
    /// The time that the line is for.
    package let period: Period
    /// In the currency's smallest amounts. A fee or overage is not below 0; a credit is, unless it is what the bill keeps for later.
    package let amount: Money
    /// Units of overage and the price of each; nil in other lines.
    package let quantity: Quantity?
    package let unitPrice: Money?
    /// The meter of overage; nil in other lines.
    package let meter: Meter?

    package init(
        _ kind: Kind, _ description: String, for period: Period, amount: Money, quantity: Quantity? = nil, unitPrice: Money? = nil,
        meter: Meter? = nil
    ) {
        self.kind = kind
        self.description = description
        self.period = period
        self.amount = amount
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.meter = meter
    }
}

/// An amount that a user owes, line by line, as the rules work it out: an invoice before it has a number.
package struct Bill: Equatable, Sendable {
    package let user: UserID
    package let subscription: SubscriptionID
    package let kind: InvoiceKind
    /// The account's period that the bill is about.
    package let periodNumber: Int64
    package let plan: PlanName
    package let planDisplayName: String
    package let currency: Currency
    package internal(set) var lines: [InvoiceLine]
    /// The part of its credit that came out of the user's credit balance; not below 0.
    package internal(set) var creditUsed: Money

    package init(
        user: UserID, subscription: SubscriptionID, kind: InvoiceKind, periodNumber: Int64, plan: PlanName, planDisplayName: String,
        currency: Currency, lines: [InvoiceLine], creditUsed: Money = .zero
    ) {
        self.user = user
        self.subscription = subscription
        self.kind = kind
        self.periodNumber = periodNumber
        self.plan = plan
        self.planDisplayName = planDisplayName
        self.currency = currency
        self.lines = lines
        self.creditUsed = creditUsed
    }

    /// The sum of the lines, never below 0: before taxes on top of it.
    package var total: Money { lines.map(\.amount).sum }

    /// The sum of its fees and overage, before credit.
    package var charged: Money { lines.filter { $0.kind != .credit }.map(\.amount).sum }

    /// The part of its own credit that is more than `charged`: it went into the user's credit balance.
    package var kept: Money { lines.filter { $0.kind == .credit && $0.amount > .zero }.map(\.amount).sum }

    /// The part of the total that is for overage: all of the overage, unless credit has left less to pay.
    package var overage: Money { min(total, lines.filter { $0.kind == .overage }.map(\.amount).sum) }
}
