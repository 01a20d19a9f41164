/// What a shop sells: allowances per period, and their price. A subscription keeps its own copy, so that a catalog that changes later does
/// not change what was agreed.
package struct Plan: Equatable, Sendable {
    package var name: PlanName
    package var displayName: String
    package var monthlyFee: Money
    /// Nil: twelve times the monthly fee.
    package var yearlyFee: Money?
    package var currency: Currency
    /// What a period includes, by meter. `tokens` is always there; a meter that is missing has an allowance of 0.
    package var allowances: [Meter: Limit]
    /// The most that is carried over at a period's end, by meter. A meter that is missing carries nothing over.
    package var rolloverCaps: [Meter: Quantity]
    /// Meters that only count: nothing limits them.
    package var plainMeters: Set<Meter>
    /// What each unit over the allowance costs, by meter: billed at a period's end, where it would else stay as debt.
    package var overagePrices: [Meter: Money]
    package var trialDays: Int
    package var isActive: Bool

    package init(
        name: PlanName, displayName: String, monthlyFee: Money, yearlyFee: Money? = nil, currency: Currency, allowances: [Meter: Limit],
        rolloverCaps: [Meter: Quantity] = [:], plainMeters: Set<Meter> = [], overagePrices: [Meter: Money] = [:], trialDays: Int = 0,
        isActive: Bool = true
    ) {
        self.name = name
        self.displayName = displayName
        self.monthlyFee = monthlyFee
        self.yearlyFee = yearlyFee
        self.currency = currency
        self.allowances = allowances
        self.rolloverCaps = rolloverCaps
        self.plainMeters = plainMeters
        self.overagePrices = overagePrices
        self.trialDays = trialDays
        self.isActive = isActive
    }

    /// Tokens of a period.
    package var tokens: Limit { terms(of: .tokens).limit }

    package func terms(of meter: Meter) -> MeterTerms {
        if plainMeters.contains(meter) { return MeterTerms(limit: .unlimited, rolloverCap: nil, isPlain: true) }
        return MeterTerms(limit: allowances[meter] ?? .of(0), rolloverCap: rolloverCaps[meter], isPlain: false)
    }

    /// Every meter that the plan names, `tokens` first, then by name.
    package var meters: [Meter] {
        let others = Set(allowances.keys).union(rolloverCaps.keys).union(plainMeters).union(overagePrices.keys).subtracting([.tokens])
        return [.tokens] + others.sorted { $0.rawValue < $1.rawValue }
    }

    /// What one period of `cycle` costs. A cycle of days costs the monthly fee.
    package func fee(for cycle: BillingCycle) -> Money {
        cycle == .yearly ? yearlyFee ?? monthlyFee * 12 : monthlyFee
    }
}

/// What a plan says of one meter.
package struct MeterTerms: Equatable, Sendable {
    package let limit: Limit
    package let rolloverCap: Quantity?
    package let isPlain: Bool
}
