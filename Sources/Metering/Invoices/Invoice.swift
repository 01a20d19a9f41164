/// `FACT-202611-0001`: the month in which an invoice was issued and its place in it, from 1 without gaps in each shop and month.
package struct InvoiceNumber: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    private static let prefix = "FACT-"
    /// Where its month is, in bytes.
    package static let monthOffset = Int64(prefix.utf8.count)
    package static let monthLength: Int64 = 6

    /// Four digits of the place, or as many as it has.
    package init(_ place: Int64, in month: CivilMonth) {
        let digits = String(place)
        rawValue = "\(Self.prefix)\(month.basic)-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

package enum InvoiceKind: String, CaseIterable, Sendable {
    /// The fee of a period that is over.
    case period
    /// The difference for the rest of a period in which the plan changed or a suspension ended.
    case change
}

package struct InvoiceLine: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case fee, overage, credit
    }

    package let kind: Kind
    package let description: String
    /// The time that it is for.
    package let period: Period
    /// In whole cents; a credit's is below 0, but for one that is kept for later.
    package let amount: Money
    package let quantity: Quantity?
    package let unitPrice: Money?

    package init(
        _ kind: Kind, _ description: String, for period: Period, amount: Money, quantity: Quantity? = nil, unitPrice: Money? = nil
    ) {
        self.kind = kind
        self.description = description
        self.period = period
        self.amount = amount
        self.quantity = quantity
        self.unitPrice = unitPrice
    }
}

/// What a user owes, as the rules work it out: an invoice before it is issued.
package struct Bill: Equatable, Sendable {
    package let user: UserID
    package let subscription: SubscriptionID
    package let kind: InvoiceKind
    /// The account's period that it is about.
    package let periodNumber: Int64
    package let plan: PlanName
    package let planDisplayName: String
    package let currency: Currency
    package let lines: [InvoiceLine]
    /// What of the total's credit was the user's from before.
    package let creditUsed: Money

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

    /// Never below 0.
    package var total: Money { lines.map(\.amount).sum }

    /// What its fees and overage come to, before credit.
    package var charged: Money { lines.filter { $0.kind != .credit }.map(\.amount).sum }

    /// Credit of its own that was more than that, and is kept for later.
    package var kept: Money { lines.filter { $0.kind == .credit && $0.amount > .zero }.map(\.amount).sum }

    /// The part of the total that is for use beyond the plan.
    package var overage: Money { min(total, lines.filter { $0.kind == .overage }.map(\.amount).sum) }
}

package struct Invoice: Equatable, Sendable {
    package let number: InvoiceNumber
    package let bill: Bill
    package internal(set) var status: InvoiceStatus
    package let issuedAt: Timestamp
    package let dueAt: Timestamp
    package internal(set) var paidAt: Timestamp?
    /// Nil where nobody paid it: it is unpaid, or nothing was to be paid.
    package internal(set) var paymentReference: String?
    package internal(set) var refunded: Money

    package init(
        number: InvoiceNumber, bill: Bill, status: InvoiceStatus, issuedAt: Timestamp, dueAt: Timestamp, paidAt: Timestamp? = nil,
        paymentReference: String? = nil, refunded: Money = .zero
    ) {
        self.number = number
        self.bill = bill
        self.status = status
        self.issuedAt = issuedAt
        self.dueAt = dueAt
        self.paidAt = paidAt
        self.paymentReference = paymentReference
        self.refunded = refunded
    }

    /// One whose total is 0 is paid at once.
    package static func issued(_ bill: Bill, as number: InvoiceNumber, at now: Timestamp, dueAfterDays days: Int) -> Invoice {
        let isPaid = bill.total == .zero
        return Invoice(
            number: number, bill: bill, status: isPaid ? .paid : .pending, issuedAt: now, dueAt: now.adding(days: days),
            paidAt: isPaid ? now : nil)
    }

    package var total: Money { bill.total }
}
