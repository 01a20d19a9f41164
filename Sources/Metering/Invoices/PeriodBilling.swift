/// What a plan costs, as it was agreed when it took effect.
package struct AgreedTerms: Equatable, Sendable {
    package let plan: PlanName
    package let displayName: String
    /// Of a whole period.
    package let fee: Money

    package init(plan: PlanName, displayName: String, fee: Money) {
        self.plan = plan
        self.displayName = displayName
        self.fee = fee
    }
}

/// By what a subscription's current period is billed. It is kept beside the history, which says what was agreed but not what was billed:
/// its entries are bounded, and of two changes in one millisecond it cannot tell which began the period.
package struct PeriodTerms: Equatable, Sendable {
    /// At the period's start: billed when it ends.
    package let opening: AgreedTerms
    /// Up to which the rest of the period is billed by now.
    package var current: AgreedTerms

    package init(opening: AgreedTerms, current: AgreedTerms) {
        self.opening = opening
        self.current = current
    }

    init(_ terms: AgreedTerms) { self.init(opening: terms, current: terms) }
}

/// What a period's end billed.
package struct PeriodCharges: Equatable, Sendable {
    /// Debt that is billed, and forgiven for it.
    package var overage: [Meter: Quantity] = [:]
    /// The fee and the overage, before what they were lowered by.
    package var amount = Money.zero

    package init() {}
}

/// Money that a shop owes a user and keeps for later invoices, without an invoice that it belongs to.
package struct CreditGrant: Equatable, Sendable {
    package let user: UserID
    package let amount: Money
    package let currency: Currency
    package let reason: String
}

/// What came of a change or of a period's end, to be stored with it.
package enum BillingOutcome: Equatable, Sendable {
    case bill(Bill)
    case credit(CreditGrant)

    package var bill: Bill? {
        if case .bill(let bill) = self { bill } else { nil }
    }
}

extension Subscription {
    /// Whether time costs anything: not in a trial, and not while it is suspended.
    private var isPaidFor: Bool { status == .active || status == .pastDue }

    /// What its time costs from now on.
    var terms: AgreedTerms {
        AgreedTerms(plan: plan.name, displayName: plan.displayName, fee: isPaidFor ? plan.fee(for: cycle) : .zero)
    }

    /// Whether its plan may be in `currency`: nothing is open in another one.
    package func accepts(_ currency: Currency) -> Bool {
        let fees = [plan.fee(for: cycle), billing?.opening.fee, billing?.current.fee, creditBalance].compactMap(\.self)
        return currency == plan.currency || fees.allSatisfy { $0 == .zero }
    }

    /// Bills the period, which ends at `end`: the fee agreed at its start, less what the rest of it, if it is cut short, would have cost.
    mutating func billPeriod(_ number: Int64, endingAt end: Timestamp, overage: [Meter: Quantity]) -> BillingOutcome? {
        guard let billing, isBilled(endingAt: end) else { return nil }
        let (rest, opening) = (period.rest(from: end), billing.opening)
        let fee = InvoiceLine(.fee, "\(opening.displayName): fee for the period", for: period, amount: opening.fee.roundedToCents)
        let unused = credit("\(billing.current.displayName): time that was not used", rest, at: billing.current.fee)
        let lines = [fee] + overageLines(overage, for: Period(start: period.start, end: end)) + [unused].compactMap(\.self)
        return charge(lines, .period, opening, number)
    }

    private func isBilled(endingAt end: Timestamp) -> Bool {
        isLive && billing != nil && billedFrom.map { end > $0 } ?? true
    }

    /// The debt that a period's end leaves on meters whose overage has a price, where its last time is paid for.
    func overage(of account: Account, at end: Timestamp) -> [Meter: Quantity] {
        guard isPaidFor, isBilled(endingAt: end) else { return [:] }
        var overage: [Meter: Quantity] = [:]
        for var balance in account.meters where plan.overagePrices[balance.meter] != nil {
            balance.carryOver()
            if balance.rollover < 0 { overage[balance.meter] = -balance.rollover }
        }
        return overage
    }

    private func overageLines(_ overage: [Meter: Quantity], for period: Period) -> [InvoiceLine] {
        overage.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { meter, quantity in
            plan.overagePrices[meter].map { price in
                InvoiceLine(
                    .overage, "\(plan.displayName): \(meter) over the allowance", for: period,
                    amount: (price * Int(quantity)).roundedToCents, quantity: quantity, unitPrice: price)
            }
        }
    }

    /// Bills what the rest of the period costs more, or less, than it did `before` the change.
    mutating func billChange(from before: Subscription, in number: Int64, at now: Timestamp) -> BillingOutcome? {
        let new = terms
        billing?.current = new
        guard let old = before.billing?.current, old.fee != new.fee else { return nil }
        let rest = period.rest(from: now)
        if new.fee < old.fee {
            let amount = period.cost(of: rest, at: old.fee - new.fee)
            let cause = isPaidFor ? "\(old.displayName) to \(new.displayName)" : "\(new.displayName) suspended"
            return keep(amount, "\(cause): the rest of the period costs less")
        }
        let fee = InvoiceLine(
            .fee, "\(new.displayName): rest of the period", for: rest, amount: period.cost(of: rest, at: new.fee))
        let returned = credit("\(old.displayName): rest of the period", rest, at: old.fee)
        return charge([returned, fee].compactMap(\.self), .change, new, number)
    }

    private func credit(_ description: String, _ part: Period, at fee: Money) -> InvoiceLine? {
        let amount = period.cost(of: part, at: fee)
        return amount == .zero ? nil : InvoiceLine(.credit, description, for: part, amount: -amount)
    }

    /// An invoice of the lines; where they have no fee, what they give back is kept, if anything.
    private mutating func charge(_ lines: [InvoiceLine], _ kind: InvoiceKind, _ terms: AgreedTerms, _ number: Int64) -> BillingOutcome? {
        let sum = lines.map(\.amount).sum
        guard lines.contains(where: { $0.kind != .credit && $0.amount > .zero }) else {
            return keep(-sum, "\(terms.displayName): time that was not used")
        }
        if kind == .change, sum == .zero { return nil }
        let (balance, kept) = (creditBalance, max(.zero, -sum))
        let settled = kept > .zero ? kept : -min(balance, sum)
        creditBalance = balance + settled
        let words = kept > .zero ? "Kept for later invoices" : "Credit from before"
        let line = InvoiceLine(.credit, words, for: lines[0].period, amount: settled)
        let bill = Bill(
            user: user, subscription: id, kind: kind, periodNumber: number, plan: terms.plan, planDisplayName: terms.displayName,
            currency: plan.currency, lines: settled == .zero ? lines : lines + [line], creditUsed: max(.zero, -settled))
        return .bill(bill)
    }

    private mutating func keep(_ amount: Money, _ reason: String) -> BillingOutcome? {
        guard amount > .zero else { return nil }
        creditBalance += amount
        return .credit(CreditGrant(user: user, amount: amount, currency: plan.currency, reason: reason))
    }
}
