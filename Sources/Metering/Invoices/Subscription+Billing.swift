/// The bills of a subscription's time and overage, by the price of its periods (`Subscription+Price.swift`):
///
///     the price rises within the period    what it rises by is billed at once
///     the price falls within it            an invoice of the change that is open is lowered; what was paid becomes credit; the rest is billed less
///     the billing period ends              bills its price, less what its changes have billed
///     a stretch on a plan ends             bills what overflowed in it, if the plan has an overage price, and forgives it
///
/// A bill's total is never below 0, and a bill of nothing is not made. Credit pays the next bills.
extension Subscription {
    /// The overage of the stretch that ends at `end`, by the balances then: the debt that was not there when the stretch began, of each meter with
    /// a price. Nothing where time costs nothing: in a trial or a suspension.
    func overage(of meters: [MeterBalance], at end: Timestamp) -> [Meter: Quantity] {
        guard isPaidFor, periodTerms != nil, isBilled(endingAt: end) else { return [:] }
        var overage: [Meter: Quantity] = [:]
        for balance in meters where plan.overagePrices[balance.meter] != nil {
            let overflowed = -balance.rollover - (tally.debt[balance.meter] ?? 0)
            if overflowed > 0 { overage[balance.meter] = overflowed }
        }
        return overage
    }

    func isBilled(endingAt end: Timestamp) -> Bool {
        isLive && periodTerms != nil && billedFrom.map { end > $0 } ?? true
    }

    /// Bills what is left of the price of the billing period that ends at `end`, with the overage of its last stretch, in the account's period
    /// `number`. Nil where nothing is left.
    mutating func billPeriod(
        _ number: Int64, endingAt end: Timestamp, price: Money, overage: [Meter: Quantity]
    ) -> Bill? {
        guard let periodTerms, isBilled(endingAt: end) else { return nil }
        let (opening, due) = (periodTerms.opening, max(.zero, price - tally.billed))
        tally.billed += due
        let stretch = Period(start: min(max(tally.since, period.start), end), end: end)
        return bill(periodLines(opening, due, end) + overageLines(overage, for: stretch), .period, opening, number)
    }

    /// The lines of what is left of a period's price: the fee of its opening terms, and what makes it less or more.
    private func periodLines(_ opening: AgreedTerms, _ due: Money, _ end: Timestamp) -> [InvoiceLine] {
        guard due > .zero else { return [] }
        let (fee, whole) = (opening.fee.rounded(in: plan.currency), period)
        guard fee > .zero else {
            return [InvoiceLine(.fee, "\(plan.displayName): what was used, beyond the time that was billed", for: whole, amount: due)]
        }
        var lines = [InvoiceLine(.fee, "\(opening.displayName): fee for the period", for: whole, amount: fee)]
        if due < fee {
            let words = end < whole.end ? "time that was not used" : "billed before, or not used"
            lines.append(InvoiceLine(.credit, "\(opening.displayName): \(words)", for: whole, amount: due - fee))
        } else if due > fee {
            lines.append(InvoiceLine(.fee, "\(plan.displayName): what was used, beyond the time", for: whole, amount: due - fee))
        }
        return lines
    }

    /// Bills the overage alone, at the end of a stretch that is not the end of the billing period.
    mutating func billOverage(_ overage: [Meter: Quantity], _ kind: InvoiceKind, in number: Int64, at now: Timestamp) -> Bill? {
        bill(overageLines(overage, for: Period(start: tally.since, end: max(now, tally.since))), kind, terms, number)
    }

    private func overageLines(_ overage: [Meter: Quantity], for period: Period) -> [InvoiceLine] {
        overage.sorted { $0.key < $1.key }.compactMap { meter, quantity in
            plan.overagePrices[meter].map { price in
                InvoiceLine(
                    .overage, "\(plan.displayName): \(meter) over the allowance", for: period,
                    amount: (price * Int(quantity)).rounded(in: plan.currency), quantity: quantity, unitPrice: price, meter: meter)
            }
        }
    }

    /// Bills the `rise` that a change from `before` makes to the period's price.
    mutating func billChange(from before: Subscription, rise: Money, in number: Int64, at now: Timestamp) -> Bill? {
        let (new, rest) = (terms, period.rest(from: now))
        tally.billed += rise
        let share = before.periodTerms?.current.fee.share(rest.length, of: wholePeriod.length, in: plan.currency) ?? .zero
        let fee = InvoiceLine(.fee, "\(new.displayName): rest of the period", for: rest, amount: rise + share)
        guard share > .zero else { return bill([fee], .change, new, number) }
        let words = "\(before.periodTerms?.current.displayName ?? ""): rest of the period"
        return bill([InvoiceLine(.credit, words, for: rest, amount: -share), fee], .change, new, number)
    }

    /// A bill of the lines, with a last line for the credit that pays it; nil where the lines come to nothing.
    private mutating func bill(_ lines: [InvoiceLine], _ kind: InvoiceKind, _ terms: AgreedTerms, _ number: Int64) -> Bill? {
        let sum = lines.map(\.amount).sum
        guard sum > .zero else { return nil }
        let used = min(creditBalance, sum)
        creditBalance = creditBalance - used
        let line = InvoiceLine(.credit, "Credit from before", for: lines[0].period, amount: -used)
        return Bill(
            user: user, subscription: id, kind: kind, periodNumber: number, plan: terms.plan, planDisplayName: terms.displayName,
            currency: plan.currency, lines: used == .zero ? lines : lines + [line], creditUsed: used)
    }
}
