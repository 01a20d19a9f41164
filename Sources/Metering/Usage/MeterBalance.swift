/// The five numbers of one meter of an account: the limit L, what was used U, the rollover R, what was purchased P, and what is held H
/// (`Waterfall.swift` has the rules between them). None is above `Quantity.largest`, and none but R is below 0.
package struct MeterBalance: Equatable, Sendable {
    package let meter: Meter
    /// L: the amount that the period includes.
    package var limit: Limit
    /// The most that is carried over at a period's end; nil: nothing is.
    package var rolloverCap: Quantity?
    /// Whether the meter only counts.
    package var isPlain: Bool
    /// U: the amount taken from the limit in this period.
    package var used: Quantity
    /// The part of U that was used before the account's period began, of the same allowance.
    package var opening: Quantity
    /// R: the amount carried over from earlier periods that is left; below 0 it is debt.
    package var rollover: Quantity
    /// P: the amount bought that is left.
    package var purchased: Quantity
    /// H: the amount that open reservations hold.
    package var reserved: Quantity
    /// The highest percentage of the limit that was reported in this period.
    package var alerted: Int
    /// What was taken beside U in the present stretch of the period; nil where the account was stored by a program that did not keep it.
    package var drawn: Drawn?

    package init(
        meter: Meter, limit: Limit, rolloverCap: Quantity? = nil, isPlain: Bool = false, used: Quantity = 0, opening: Quantity = 0,
        rollover: Quantity = 0, purchased: Quantity = 0, reserved: Quantity = 0, alerted: Int = 0, drawn: Drawn? = Drawn()
    ) {
        self.meter = meter
        self.limit = limit
        self.rolloverCap = rolloverCap
        self.isPlain = isPlain
        self.used = used
        self.opening = opening
        self.rollover = rollover
        self.purchased = purchased
        self.reserved = reserved
        self.alerted = alerted
        self.drawn = drawn
    }

    /// max(0, L − U): the rest of the limit. Nil when unlimited.
    package var allowanceLeft: Quantity? { limit.quantity.map { max(0, $0 - used) } }

    /// max(0, L − U) + R + P − H: the amount that can still be used, below 0 in debt. Nil when unlimited.
    package var available: Quantity? { allowanceLeft.map { $0 + rollover + purchased - reserved } }

    /// The available amount as answers show it: from 0 to `Quantity.largest`, which the sum of L, R and P may pass. Nil when unlimited.
    package var remaining: Quantity? { available.map { min(.largest, max(0, $0)) } }

    /// U ÷ L in percent. 0 when unlimited; of a limit of 0, 100 as soon as an amount was taken.
    package var percentUsed: Double {
        guard let limit = limit.quantity else { return 0 }
        if limit == 0 { return used > 0 || rollover < 0 ? 100 : 0 }
        return Double(used) / Double(limit) * 100
    }

    /// Takes a plan's terms over, and keeps U, R, P and H. A larger limit is a new one for the alerts: what U reaches of it is not told, what it
    /// crosses from there on is. Of a smaller one only the highest threshold that U reaches is told.
    package mutating func adopt(_ terms: MeterTerms, at version: Int64) {
        if terms.limit != limit { rearm(for: terms.limit, isLarger: terms.limit.isAbove(limit)) }
        if (terms.limit, terms.isPlain) != (limit, isPlain) { drawn = Drawn(since: version) }
        limit = terms.limit
        rolloverCap = terms.rolloverCap
        isPlain = terms.isPlain
    }
}

/// Whether limits count. An operator who does not bill lifts them: then all use is recorded, and none is refused or owed.
package enum Enforcement: String, CaseIterable, Sendable {
    case on, off
}

extension MeterBalance {
    /// The balance by which the rules decide: without a limit while enforcement is off.
    package func under(_ enforcement: Enforcement) -> MeterBalance { enforcement == .on ? self : with(limit: .unlimited) }

    func with(limit: Limit) -> MeterBalance {
        var balance = self
        balance.limit = limit
        return balance
    }
}

extension Account {
    /// The account with each of its balances as the rules decide by it.
    package func under(_ enforcement: Enforcement) -> Account {
        var account = self
        account.meters = meters.map { $0.under(enforcement) }
        return account
    }
}
