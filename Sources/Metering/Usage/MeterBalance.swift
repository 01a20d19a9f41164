/// What one meter of an account stands at.
package struct MeterBalance: Equatable, Sendable {
    package let meter: Meter
    package var limit: Limit
    package var rolloverCap: Quantity?
    package var isPlain: Bool
    /// Taken from the allowance in this period.
    package var used: Quantity
    /// Carried over from earlier periods; below 0 it is debt.
    package var rollover: Quantity
    package var purchased: Quantity
    /// Held by open reservations.
    package var reserved: Quantity
    /// The highest percentage of the allowance that was reported in this period.
    package var alerted: Int

    package init(
        meter: Meter, limit: Limit, rolloverCap: Quantity? = nil, isPlain: Bool = false, used: Quantity = 0, rollover: Quantity = 0,
        purchased: Quantity = 0, reserved: Quantity = 0, alerted: Int = 0
    ) {
        self.meter = meter
        self.limit = limit
        self.rolloverCap = rolloverCap
        self.isPlain = isPlain
        self.used = used
        self.rollover = rollover
        self.purchased = purchased
        self.reserved = reserved
        self.alerted = alerted
    }

    /// What of the allowance is left. Unlimited is nil.
    package var allowanceLeft: Quantity? { limit.quantity.map { max(0, $0 - used) } }

    /// What can still be used, below 0 in debt. Unlimited is nil.
    package var available: Quantity? { allowanceLeft.map { $0 + rollover + purchased - reserved } }

    /// What an answer shows as remaining: never below 0, nil when unlimited.
    package var remaining: Quantity? { available.map { max(0, $0) } }

    /// How much of the allowance is used, in percent. 0 when unlimited; an allowance of 0 is used up as soon as something was wanted of it.
    package var percentUsed: Double {
        guard let limit = limit.quantity else { return 0 }
        if limit == 0 { return used > 0 || rollover < 0 ? 100 : 0 }
        return Double(used) / Double(limit) * 100
    }

    package mutating func adopt(_ terms: MeterTerms) {
        limit = terms.limit
        rolloverCap = terms.rolloverCap
        isPlain = terms.isPlain
    }
}
