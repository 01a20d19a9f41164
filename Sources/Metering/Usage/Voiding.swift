package import Bytes

package struct VoidID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of a void, as its client sends it. Two voids with one id are the same void when their contents are equal.
package struct VoidContent: Equatable, Sendable {
    package let user: UserID
    package let event: EventID
    /// Nil: all of the event that is not void yet.
    package let amount: Quantity?
    @Bytewise package private(set) var reason: String

    package init(user: UserID, event: EventID, amount: Quantity?, reason: String) {
        self.user = user
        self.event = event
        self.amount = amount
        self.reason = reason
    }
}

/// An event that was taken back, whole or in part. The event stays in the log, with what of it is void.
package struct EventVoid: Equatable, Sendable {
    package let id: VoidID
    package let content: VoidContent
    package let meter: Meter
    package let amount: Quantity
    /// The part of the event that is void after it.
    package let voided: Quantity
    /// The account's period in which the event counts.
    package let eventPeriod: Int64
    /// The account's period in which the amount went back.
    package let periodNumber: Int64
    package let returned: Returned
    /// Nil where no overage was billed for the amount.
    package let credit: VoidCredit?
    package let actor: Actor
    package let at: Timestamp
    package let balance: BalanceAfter

    package init(
        id: VoidID, content: VoidContent, meter: Meter, amount: Quantity, voided: Quantity, eventPeriod: Int64, periodNumber: Int64,
        returned: Returned, credit: VoidCredit?, by actor: Actor, at: Timestamp, balance: BalanceAfter
    ) {
        self.id = id
        self.content = content
        self.meter = meter
        self.amount = amount
        self.voided = voided
        self.eventPeriod = eventPeriod
        self.periodNumber = periodNumber
        self.returned = returned
        self.credit = credit
        self.actor = actor
        self.at = at
        self.balance = balance
    }
}

/// Overage that was billed, and is credited as its event was a mistake.
package struct VoidCredit: Equatable, Sendable {
    package let overage: Quantity
    package let amount: Money
    package let currency: Currency
    /// The invoice that billed it.
    package let invoice: InvoiceNumber

    package init(overage: Quantity, amount: Money, currency: Currency, invoice: InvoiceNumber) {
        self.overage = overage
        self.amount = amount
        self.currency = currency
        self.invoice = invoice
    }
}

/// The parts of a voided amount by where they went; they add up to it.
package struct Returned: Equatable, Sendable {
    package var toSubscription: Quantity
    package var toRollover: Quantity
    package var toPurchased: Quantity
    /// Debt that is no more, or was billed and is credited.
    package var fromDebt: Quantity

    package init(toSubscription: Quantity = 0, toRollover: Quantity = 0, toPurchased: Quantity = 0, fromDebt: Quantity = 0) {
        self.toSubscription = toSubscription
        self.toRollover = toRollover
        self.toPurchased = toPurchased
        self.fromDebt = fromDebt
    }
}

/// A meter's balance as an answer shows it, after a change.
package struct BalanceAfter: Equatable, Sendable {
    package let used: Quantity
    package let limit: Limit
    /// Nil when unlimited.
    package let remaining: Quantity?

    package init(used: Quantity, limit: Limit, remaining: Quantity?) {
        self.used = used
        self.limit = limit
        self.remaining = remaining
    }

    init(_ balance: MeterBalance) { self.init(used: balance.used, limit: balance.limit, remaining: balance.remaining) }
}

extension Account {
    package func balanceAfter(of meter: Meter) -> BalanceAfter { BalanceAfter(balance(of: meter)) }
}

extension RecordedEvent {
    /// The part of the amount that is not void.
    package var kept: Quantity { content.amount - voided }

    /// From where the last `amount` of what is not void was taken: an event of which a part is void is as one of the rest, so that debt goes
    /// first, then what was purchased, then the rollover, and the limit last.
    package func sources(ofLast amount: Quantity) -> Breakdown {
        settlement.breakdown.first(kept).last(amount)
    }
}

/// The amounts of the largest queries beside a voided one: of its day in the present period, and of all. Nil where the largest is not it.
package struct PeaksBeside: Equatable, Sendable {
    package var day: Quantity?
    package var lifetime: Quantity?

    package init(day: Quantity? = nil, lifetime: Quantity? = nil) {
        self.day = day
        self.lifetime = lifetime
    }
}

extension Account {
    /// Whether the event counts in the present period.
    package func counts(_ event: RecordedEvent) -> Bool { event.periodNumber == periodNumber }

    /// Whether the event is its day's largest query in the present period.
    package func isPeakOfDay(_ event: RecordedEvent) -> Bool {
        counts(event) && event.content.meter == .tokens
            && daily.contains { $0.day == countingDay(of: event.at) && $0.totals.peak <= event.kept }
    }

    /// Whether no query was larger than the event, ever.
    package func isPeak(_ event: RecordedEvent) -> Bool { event.content.meter == .tokens && lifetime.peak <= event.kept }

    /// Takes back the last `amount`, which is at most what is kept, of an event that was recorded.
    ///
    /// - In its own period the account is as if the event had been smaller by the amount: it goes back in the reverse order of what was taken,
    ///   whichever event took it: debt goes first, then what was purchased, then the rollover, and the limit last. Where the limit was changed
    ///   or overage was billed since, it goes back to where it came from, and what was taken beside the limit later as far as that has room again.
    /// - In a later one what its limit and its rollover gave is allowance now, what was purchased is there again, and debt is owed no more.
    ///
    /// - Parameters:
    ///   - billed: the part of the amount that an invoice has billed as overage, so that it is not owed any more.
    ///   - peaks: for an event that is the largest query, the largest beside it.
    package mutating func void(
        _ event: RecordedEvent, _ amount: Quantity, billed: Quantity = 0, peaks: PeaksBeside = PeaksBeside(),
        enforcement: Enforcement = .on, thresholds: [Int] = ThresholdAlert.defaultThresholds
    ) throws(UsageRefusal) -> Returned {
        let index = try balanceIndex(of: event.content.meter)
        var balance = meters[index]
        let returned: Returned
        if counts(event) {
            let (parts, later) = balance.sources(ofLast: amount, of: event, billed: billed)
            returned = parts.returned
            try balance.giveBack(returned)
            balance.drawn?.take(later)
            balance.rearm(thresholds, under: enforcement)
        } else {
            returned = event.sources(ofLast: amount).first(amount - billed).returnedLater
            try balance.giveBack(returned)
            balance.payDebtOfStretch(from: \.rollover)
        }
        meters[index] = balance
        if event.content.meter == .tokens { discount(event, amount, peaks) }
        return returned.completed(to: amount)
    }

    /// Takes a part of an event's tokens out of the totals, and a whole event out of the counts.
    private mutating func discount(_ event: RecordedEvent, _ amount: Quantity, _ peaks: PeaksBeside) {
        let left = event.kept - amount
        lifetime.take(amount, leaving: left, peak: peaks.lifetime)
        let day = countingDay(of: event.at)
        guard counts(event), let index = daily.firstIndex(where: { $0.day == day }) else { return }
        daily[index].totals.take(amount, leaving: left, peak: peaks.day)
        if daily[index].totals.queries == 0 { daily.remove(at: index) }
    }
}

extension Account {
    /// The most that overage may have been billed for the last `amount` of an event: in its own period for later events too, which would have found
    /// what it took; in a later one for its own debt.
    package func overageBound(ofLast amount: Quantity, of event: RecordedEvent) -> Quantity {
        guard counts(event) else { return event.sources(ofLast: amount).overflowToDebt }
        return balance(of: event.content.meter).drawn(since: event) == nil ? amount : 0
    }
}

extension BillingState {
    /// Takes back a part of an event, as `Account.void` says. What the subscription's present period has come to follows: the part was never used
    /// of it.
    package mutating func void(
        _ event: RecordedEvent, _ amount: Quantity, billed: Quantity = 0, peaks: PeaksBeside = PeaksBeside(), enforcement: Enforcement = .on
    ) throws(UsageRefusal) -> Returned {
        let isPresent = account.counts(event)
        let returned = try account.void(event, amount, billed: billed, peaks: peaks, enforcement: enforcement)
        if isPresent { subscription?.tally.forget(returned, billed: billed, of: event) }
        boundDebt(of: event.content.meter)
        return returned
    }

    /// Sets a balance right, as `Account.adjust` says.
    package mutating func adjust(
        _ content: AdjustmentContent, as id: AdjustmentID, by actor: Actor, at now: Timestamp, enforcement: Enforcement = .on,
        onlyPurchased: Bool = false
    ) throws(UsageRefusal) -> Adjustment {
        let made = try account.adjust(content, as: id, by: actor, at: now, enforcement: enforcement, onlyPurchased: onlyPurchased)
        boundDebt(of: content.meter)
        return made
    }

    /// Debt of before is no more than there is: else what overflows from here on would be taken for it, and not be billed.
    private mutating func boundDebt(of meter: Meter) {
        let debt = max(0, -account.balance(of: meter).rollover)
        if let before = subscription?.tally.debt[meter], before > debt { subscription?.tally.debt[meter] = debt > 0 ? debt : nil }
    }
}

extension PeriodTally {
    /// Forgets a part of an event from before the present stretch. The price of what was used falls by its share of it, where one meter was used;
    /// where several were it stays, as it is the price of the one that was used most.
    fileprivate mutating func forget(_ returned: Returned, billed: Quantity, of event: RecordedEvent) {
        let meter = event.content.meter
        guard event.recordedAt < since else { return }
        if let before = used[meter], returned.toSubscription > 0 {
            let left = max(0, before - returned.toSubscription)
            if used.count == 1 { use = use.exactShare(left, of: before) }
            used[meter] = left > 0 ? left : nil
        }
        if let before = debt[meter] {
            let left = before - (returned.fromDebt - billed)
            debt[meter] = left > 0 ? left : nil
        }
    }
}

extension Breakdown {
    /// Where the parts go back to.
    fileprivate var returned: Returned {
        Returned(toSubscription: fromSubscription, toRollover: fromRollover, toPurchased: fromPurchased, fromDebt: overflowToDebt)
    }

    /// In a later period, whose limit is another.
    fileprivate var returnedLater: Returned {
        Returned(toRollover: fromSubscription + fromRollover, toPurchased: fromPurchased, fromDebt: overflowToDebt)
    }
}

extension Returned {
    /// With the rest of the amount, which was debt that is billed.
    fileprivate func completed(to amount: Quantity) -> Returned {
        var whole = self
        whole.fromDebt = amount - toSubscription - toRollover - toPurchased
        return whole
    }
}

extension MeterBalance {
    fileprivate mutating func giveBack(_ returned: Returned) throws(UsageRefusal) {
        let owedNoMore = returned.toRollover + returned.fromDebt
        guard purchased <= Quantity.largest - returned.toPurchased, rollover <= Quantity.largest - owedNoMore else { throw .totalTooLarge }
        used = max(0, used - returned.toSubscription)
        rollover += owedNoMore
        purchased += returned.toPurchased
    }

    /// Arms the thresholds again that U ÷ L is below now.
    fileprivate mutating func rearm(_ thresholds: [Int], under enforcement: Enforcement) {
        guard let limit = under(enforcement).limit.quantity, limit > 0 else { return }
        let reached = thresholds.last { Int128(used) * 100 >= Int128(limit) * Int128($0) }
        alerted = min(alerted, reached ?? 0)
    }
}

extension Totals {
    /// Takes a part of a query out, of which `left` stays; with nothing left the query is no more. `largest` beside it: nil where the peak is
    /// another's.
    fileprivate mutating func take(_ amount: Quantity, leaving left: Quantity, peak largest: Quantity?) {
        tokens = max(0, tokens - amount)
        if left == 0 { queries = max(0, queries - 1) }
        if let largest { peak = max(largest, left) }
    }
}
