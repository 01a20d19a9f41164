/// The billing of a subscription's time and overage. Whatever changed within a period, its invoices together are the fees weighted by time,
/// each line rounded once to cents:
///
///     the period ends                 bills the fee of its opening terms, and the overage of its debt
///     the period is cut short         bills the same, less the rest of the period by the present fee
///     the fee rises within it         bills at once what the rest costs more
///     the fee falls within it         gives at once what the rest costs less, as credit (a suspension: all of the rest)
///
/// Credit lowers the next bills. A bill's total is never below 0: what its own lines give back beyond that is kept as credit.
extension Subscription {
    /// Bills the account's period `number`, which ends at `end`, with the debt `overage`. Nil where nothing is to be billed or given back.
    mutating func billPeriod(_ number: Int64, endingAt end: Timestamp, overage: [Meter: Quantity]) -> BillingOutcome? {
        guard let periodTerms, isBilled(endingAt: end) else { return nil }
        let (rest, opening) = (period.rest(from: end), periodTerms.opening)
        let fee = InvoiceLine(.fee, "\(opening.displayName): fee for the period", for: period, amount: opening.fee.roundedToCents)
        let unused = returned("\(periodTerms.current.displayName): time that was not used", rest, at: periodTerms.current.fee)
        let lines = [fee] + overageLines(overage, for: Period(start: period.start, end: end)) + [unused].compactMap(\.self)
        return settle(lines, .period, opening, number)
    }

    private func isBilled(endingAt end: Timestamp) -> Bool {
        isLive && periodTerms != nil && billedFrom.map { end > $0 } ?? true
    }

    /// The debt that the period's end leaves on each meter whose overage has a price. It is billed only where the period's last moment is
    /// paid for: not out of a trial or a suspension.
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
        overage.sorted { $0.key < $1.key }.compactMap { meter, quantity in
            plan.overagePrices[meter].map { price in
                InvoiceLine(
                    .overage, "\(plan.displayName): \(meter) over the allowance", for: period,
                    amount: (price * Int(quantity)).roundedToCents, quantity: quantity, unitPrice: price)
            }
        }
    }

    /// Bills the rest of the account's period `number` at the difference between its fee after the change and `before`. Nil where the fee
    /// is the same, or nothing of it is left after rounding.
    mutating func billChange(from before: Subscription, in number: Int64, at now: Timestamp) -> BillingOutcome? {
        let new = terms
        periodTerms?.current = new
        guard let old = before.periodTerms?.current, old.fee != new.fee else { return nil }
        let rest = period.rest(from: now)
        if new.fee < old.fee {
            let amount = period.cost(of: rest, at: old.fee - new.fee)
            let cause = isPaidFor ? "\(old.displayName) to \(new.displayName)" : "\(new.displayName) suspended"
            return grant(amount, "\(cause): the rest of the period costs less")
        }
        let fee = InvoiceLine(
            .fee, "\(new.displayName): rest of the period", for: rest, amount: period.cost(of: rest, at: new.fee))
        let back = returned("\(old.displayName): rest of the period", rest, at: old.fee)
        return settle([back, fee].compactMap(\.self), .change, new, number)
    }

    /// The line that gives back a part of the period; nil where it comes to nothing.
    private func returned(_ description: String, _ part: Period, at fee: Money) -> InvoiceLine? {
        let amount = period.cost(of: part, at: fee)
        return amount == .zero ? nil : InvoiceLine(.credit, description, for: part, amount: -amount)
    }

    /// A bill of the lines, with a last line that uses the credit balance or keeps what the lines give back beyond their sum. Where they
    /// have nothing to pay for, what they give back is granted without a bill.
    private mutating func settle(_ lines: [InvoiceLine], _ kind: InvoiceKind, _ terms: AgreedTerms, _ number: Int64) -> BillingOutcome? {
        let sum = lines.map(\.amount).sum
        guard lines.contains(where: { $0.kind != .credit && $0.amount > .zero }) else {
            return grant(-sum, "\(terms.displayName): time that was not used")
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

    /// Adds an amount to the credit balance; nil when it is not above 0.
    private mutating func grant(_ amount: Money, _ reason: String) -> BillingOutcome? {
        guard amount > .zero else { return nil }
        creditBalance += amount
        return .credit(CreditGrant(user: user, amount: amount, currency: plan.currency, reason: reason))
    }
}
