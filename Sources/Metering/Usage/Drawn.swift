/// What was taken beside the limit in a stretch of a period in which the limit was one and no overage was billed, less what was given back or paid of
/// it. None is below 0.
package struct Drawn: Equatable, Sendable {
    /// The account's version at which the stretch began; 0 where it is the whole period so far.
    package let since: Int64
    package var rollover: Quantity
    package var purchased: Quantity
    package var debt: Quantity

    package init(since: Int64 = 0, rollover: Quantity = 0, purchased: Quantity = 0, debt: Quantity = 0) {
        self.since = since
        self.rollover = rollover
        self.purchased = purchased
        self.debt = debt
    }

    mutating func add(_ parts: Breakdown) {
        rollover = rollover.bounded(adding: parts.fromRollover)
        purchased = purchased.bounded(adding: parts.fromPurchased)
        debt = debt.bounded(adding: parts.overflowToDebt)
    }

    mutating func take(_ parts: Breakdown) {
        rollover = max(0, rollover - parts.fromRollover)
        purchased = max(0, purchased - parts.fromPurchased)
        debt = max(0, debt - parts.overflowToDebt)
    }

    /// The same beside what was taken from the limit.
    fileprivate func parts(beside used: Quantity) -> Breakdown {
        Breakdown(fromSubscription: used, fromRollover: rollover, fromPurchased: purchased, overflowToDebt: debt)
    }
}

extension MeterBalance {
    /// What was taken in the stretch of the event; nil where that is not the present one.
    func drawn(since event: RecordedEvent) -> Drawn? {
        drawn.flatMap { $0.since == 0 || (event.sequence ?? 0) > $0.since ? $0 : nil }
    }

    /// From where the last `amount` of an event of this period was taken, but for what was billed of it; and what of that is of the present stretch.
    func sources(ofLast amount: Quantity, of event: RecordedEvent, billed: Quantity) -> (parts: Breakdown, drawn: Breakdown) {
        if let drawn = drawn(since: event) {
            let parts = drawn.parts(beside: used).last(amount - billed)
            return (parts, parts)
        }
        var own = event.sources(ofLast: amount).first(amount - billed)
        let room = min(own.fromSubscription, max(0, (limit.quantity ?? 0) - used + own.fromSubscription))
        let later = drawn?.parts(beside: 0).last(room) ?? Breakdown()
        own.fromSubscription -= later.amount
        return (own + later, later)
    }

    /// Debt of the stretch is no more than is owed in all. What was paid of it, which is paid last, is as if it had been taken from `source`.
    mutating func payDebtOfStretch(from source: WritableKeyPath<Drawn, Quantity>) {
        guard let made = drawn?.debt else { return }
        let left = min(made, max(0, -rollover))
        drawn?.debt = left
        drawn?[keyPath: source] += made - left
    }
}
