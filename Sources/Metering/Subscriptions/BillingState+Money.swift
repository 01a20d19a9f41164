/// The money that the steps of a billing state move.
extension BillingState {
    /// Bills what is left of the price of the billing period that ends at `end`, and gives back what was billed beyond it. Returns what was billed.
    mutating func billPeriod(endingAt end: Timestamp, overage: [Meter: Quantity]) -> Money {
        guard var live = subscription, live.isBilled(endingAt: end) else { return .zero }
        let price = live.price(until: end, account.meters, basis)
        if live.tally.billed > price {
            giveBack(live.tally.billed - price, &live, because: "time that was not used", at: end)
        }
        let bill = live.billPeriod(account.periodNumber, endingAt: end, price: price, overage: overage)
        subscription = live
        return issue(bill)
    }

    /// Bills the overage of a stretch that ends within its period, and forgives it.
    mutating func forgive(_ overage: [Meter: Quantity], _ before: Subscription, at now: Timestamp) {
        guard !overage.isEmpty, var billed = subscription else { return }
        _ = issue(billed.billOverage(overage, .change, in: account.periodNumber, at: now))
        subscription?.credit = billed.credit
        for (meter, quantity) in overage { account.forgive(quantity, of: meter) }
    }

    /// Settles the difference that the step from `before` to the subscription makes to the period's price. `meters`: the balances before the step.
    mutating func reprice(from before: Subscription, _ meters: [MeterBalance], at now: Timestamp) {
        guard var live = subscription else { return }
        let terms = live.terms
        live.periodTerms?.current = terms
        var ended = before
        if now >= before.allowancePeriod(at: before.tally.since).end {
            ended.endAllowance(at: now, meters, basis)
            ended.tally.beginAllowance(at: now, account.meters)
        } else {
            ended.endStretch(at: now, meters, beginningWith: account.meters)
        }
        live.tally = ended.tally
        live.tally.billed = before.tally.billed
        let (old, new) = (before.price(until: before.period.end, meters, basis), live.price(until: live.period.end, account.meters, basis))
        if new > old {
            _ = issue(live.billChange(from: before, rise: new - old, in: account.periodNumber, at: now))
        } else if new < old {
            let names = "\(before.periodTerms?.current.displayName ?? before.plan.displayName) to \(live.plan.displayName)"
            lower(by: old - new, to: new, &live, because: live.isPaidFor ? names : "\(live.plan.displayName) suspended", at: now)
        }
        subscription = live
    }

    /// The price falls to `price`: the open invoices of the period's changes go first, then what is not billed yet; what was paid becomes credit.
    private mutating func lower(
        by amount: Money, to price: Money, _ live: inout Subscription, because words: String, at now: Timestamp
    ) {
        let reason = "\(words): the rest of the period costs less"
        lowerChanges(by: amount, &live, because: reason, at: now)
        let paid = live.tally.billed - price
        if paid > .zero { giveBack(paid, &live, because: reason, at: now) }
    }

    /// Gives back an amount that the period's changes have billed: first of what is not paid, the rest as credit.
    private mutating func giveBack(_ amount: Money, _ live: inout Subscription, because words: String, at now: Timestamp) {
        let rest = amount - lowerChanges(by: amount, &live, because: words, at: now)
        guard rest > .zero else { return }
        live.tally.billed = live.tally.billed - rest
        outcomes.append(.credit(CreditGrant(user: live.user, amount: rest, currency: live.plan.currency, reason: words)))
        live.creditBalance += rest
        payFromCredit(&live, at: now)
    }

    /// Lowers the open invoices of this period's changes, the newest first, and returns by how much.
    @discardableResult
    private mutating func lowerChanges(
        by amount: Money, _ live: inout Subscription, because words: String, at now: Timestamp
    ) -> Money {
        var rest = amount
        for index in invoices.indices.reversed() where rest > .zero {
            let bill = invoices[index].bill
            guard bill.kind == .change, bill.subscription == live.id, invoices[index].issuedAt >= live.period.start else { continue }
            let part = min(rest, invoices[index].openFee)
            guard part > .zero else { continue }
            move(index) { $0.lower(by: part, because: words, at: now) }
            rest = rest - part
        }
        live.tally.billed = live.tally.billed - (amount - rest)
        return amount - rest
    }

    /// Pays open invoices from the subscription's credit, the oldest first.
    mutating func payFromCredit(_ live: inout Subscription, at now: Timestamp) {
        for index in invoices.indices where invoices[index].isOpen {
            let currency = invoices[index].bill.currency
            let part = min(live.credit[currency] ?? .zero, invoices[index].bill.total)
            guard part > .zero else { continue }
            move(index) { $0.pay(credit: part, at: now) }
            let left = (live.credit[currency] ?? .zero) - part
            live.credit[currency] = left == .zero ? nil : left
        }
    }

    private mutating func move(_ index: Int, _ step: (inout Invoice) -> Void) {
        let before = invoices[index]
        step(&invoices[index])
        outcomes.append(.moved(before, to: invoices[index]))
    }

    /// Returns what the bill charges.
    mutating func issue(_ bill: Bill?) -> Money {
        guard let bill else { return .zero }
        outcomes.append(.bill(bill))
        return bill.charged
    }

    /// Notes a credit that no invoice says, and gives it to the user, where there is a subscription: else it is for the balance of the one before.
    package mutating func grant(_ grant: CreditGrant, at now: Timestamp) {
        outcomes.append(.credit(grant))
        returnCredit(grant.amount, in: grant.currency, at: now)
    }

    /// Gives the user credit, of which open invoices are paid.
    package mutating func returnCredit(_ amount: Money, in currency: Currency, at now: Timestamp) {
        guard var live = subscription, amount > .zero else { return }
        live.credit[currency] = (live.credit[currency] ?? .zero) + amount
        payFromCredit(&live, at: now)
        subscription = live
        followInvoices(at: now)
    }
}

extension Account {
    /// Forgives debt that was billed.
    mutating func forgive(_ debt: Quantity, of meter: Meter) {
        guard let index = meters.firstIndex(where: { $0.meter == meter }) else { return }
        meters[index].forgive(debt, at: version)
    }
}
