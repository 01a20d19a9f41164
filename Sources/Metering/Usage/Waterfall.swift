/// From where an amount was taken; the parts add up to it.
package struct Breakdown: Equatable, Sendable {
    package var fromSubscription: Quantity
    package var fromRollover: Quantity
    package var fromPurchased: Quantity
    package var overflowToDebt: Quantity

    package init(fromSubscription: Quantity = 0, fromRollover: Quantity = 0, fromPurchased: Quantity = 0, overflowToDebt: Quantity = 0) {
        self.fromSubscription = fromSubscription
        self.fromRollover = fromRollover
        self.fromPurchased = fromPurchased
        self.overflowToDebt = overflowToDebt
    }
}

extension MeterBalance {
    /// What taking `amount` would take, in this order: the allowance, what was carried over, what was purchased; the rest is debt.
    package func breakdown(of amount: Quantity) -> Breakdown {
        var rest = amount
        func take(upTo bound: Quantity?) -> Quantity {
            let taken = min(rest, max(0, bound ?? rest))
            rest -= taken
            return taken
        }
        return Breakdown(
            fromSubscription: take(upTo: allowanceLeft), fromRollover: take(upTo: rollover), fromPurchased: take(upTo: purchased),
            overflowToDebt: rest)
    }

    package mutating func take(_ amount: Quantity) -> Breakdown {
        let breakdown = breakdown(of: amount)
        used += breakdown.fromSubscription
        rollover -= breakdown.fromRollover + breakdown.overflowToDebt
        purchased -= breakdown.fromPurchased
        return breakdown
    }

    /// The end of a period: what is left of the allowance is carried over, up to the cap, and pays debt first. Without a cap nothing is
    /// carried over, and debt stays. What was purchased and what is held stay as they are.
    package mutating func carryOver() {
        let left = allowanceLeft ?? 0
        rollover = rolloverCap.map { min($0, rollover + left) } ?? min(0, rollover)
        used = 0
        alerted = 0
    }
}
