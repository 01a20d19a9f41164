/// The parts of an amount by where they were taken from; they add up to it.
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

extension Breakdown {
    /// The amount of which these are the parts.
    var amount: Quantity { fromSubscription + fromRollover + fromPurchased + overflowToDebt }

    /// The parts of the first `amount`, in the order of the waterfall.
    func first(_ amount: Quantity) -> Breakdown {
        var rest = amount
        func part(_ whole: Quantity) -> Quantity {
            let part = min(rest, whole)
            rest -= part
            return part
        }
        return Breakdown(
            fromSubscription: part(fromSubscription), fromRollover: part(fromRollover), fromPurchased: part(fromPurchased),
            overflowToDebt: part(overflowToDebt))
    }

    /// The parts of the last `amount`: debt first, and the limit last. All of them where there is less.
    func last(_ amount: Quantity) -> Breakdown { self - first(max(0, self.amount - amount)) }

    static func + (left: Breakdown, right: Breakdown) -> Breakdown {
        Breakdown(
            fromSubscription: left.fromSubscription + right.fromSubscription, fromRollover: left.fromRollover + right.fromRollover,
            fromPurchased: left.fromPurchased + right.fromPurchased, overflowToDebt: left.overflowToDebt + right.overflowToDebt)
    }

    static func - (left: Breakdown, right: Breakdown) -> Breakdown {
        Breakdown(
            fromSubscription: left.fromSubscription - right.fromSubscription, fromRollover: left.fromRollover - right.fromRollover,
            fromPurchased: left.fromPurchased - right.fromPurchased, overflowToDebt: left.overflowToDebt - right.overflowToDebt)
    }
}

/// The waterfall: an amount is taken from the first source that has something, then from the next.
///
///     source           has              the part taken          changes
///     the limit        max(0, L − U)    `fromSubscription`      U += part
///     the rollover     max(0, R)        `fromRollover`          R −= part
///     what was bought  P                `fromPurchased`         P −= part
///     debt             no end           `overflowToDebt`        R −= part
///
/// An unlimited meter takes all of it from its limit, and so does a plain one, past it too. H changes no part: what is held only lowers what an enforced amount may be.
extension MeterBalance {
    /// The parts that taking `amount`, which is not below 0, would have.
    package func breakdown(of amount: Quantity) -> Breakdown {
        if isPlain { return Breakdown(fromSubscription: amount) }
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

    /// Takes `amount`, which `check` has allowed.
    package mutating func take(_ amount: Quantity) -> Breakdown {
        let breakdown = breakdown(of: amount)
        put(breakdown)
        return breakdown
    }

    /// Takes what an event took, and notes what it told.
    mutating func put(_ settlement: Settlement) {
        put(settlement.breakdown)
        alerted = max(alerted, settlement.alerts.map(\.percent).max() ?? 0)
    }

    private mutating func put(_ parts: Breakdown) {
        used += parts.fromSubscription
        rollover -= parts.fromRollover + parts.overflowToDebt
        purchased -= parts.fromPurchased
        drawn?.add(parts)
    }

    /// Debt of that amount is owed no more, as it was billed.
    mutating func forgive(_ debt: Quantity, at version: Int64) {
        rollover += debt
        drawn = Drawn(since: version)
    }

    /// Whether `amount` can still be used: it is not above max(0, L − U) + R + P − H.
    package func allows(_ amount: Quantity) -> Bool { available.map { amount <= $0 } ?? true }

    /// Throws when `amount` must not be taken: `limitExceeded` where limits are enforced and less is available, `totalTooLarge` where U or
    /// the debt would pass `Quantity.largest`.
    package func check(_ amount: Quantity, enforce: Bool) throws(UsageRefusal) {
        if enforce, !allows(amount), let limit = limit.quantity, let available {
            throw .limitExceeded(meter: meter, limit: limit, current: used, requested: amount, available: max(0, available))
        }
        let parts = breakdown(of: amount)
        guard used <= Quantity.largest - parts.fromSubscription, rollover - parts.fromRollover >= parts.overflowToDebt - Quantity.largest
        else { throw .totalTooLarge }
    }

    /// The end of a period: what is left of the limit pays debt first, and the rest is carried over. R becomes min(cap, R + left), without a cap
    /// min(0, R + left); U becomes 0. P and H stay as they are.
    ///
    /// - Parameter earned: the allowance that the period's time has earned; left is max(0, min(L, earned) − U). Nil for a whole period: all of L.
    package mutating func carryOver(earned: Quantity? = nil) {
        let left = min(allowanceLeft ?? 0, earned.map { max(0, $0 - used) } ?? .largest)
        rollover = rolloverCap.map { min($0, rollover + left) } ?? min(0, rollover + left)
        used = 0
        opening = 0
        alerted = 0
        drawn = Drawn()
    }
}
