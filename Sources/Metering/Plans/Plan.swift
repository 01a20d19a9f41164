package struct PlanName: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    /// The plan of every user who has no live subscription.
    package static let free = PlanName(stored: "free")
}

/// An offer of a shop: allowances per period, and their price. A subscription keeps a copy of its plan, so that a change of the catalog
/// does not change what was agreed.
package struct Plan: Equatable, Sendable {
    /// The most plans in a shop's catalog.
    package static let maximumPerShop = 200
    /// The most prices at Stripe of one plan.
    package static let maximumStripePrices = 50
    /// The most meters of one kind: with an allowance, and plain ones.
    package static let maximumMetersOfAKind = 32
    /// The most meters that a plan names: those of both kinds, and `tokens`, which every plan names.
    package static let maximumMeters = 2 * maximumMetersOfAKind + 1

    package var name: PlanName
    package var displayName: String
    package var monthlyFee: Money
    /// The price of a year; nil: twelve times the monthly fee.
    package var yearlyFee: Money?
    /// The price of a period of so many days; of a number that is missing, the monthly fee for 30 days by the day.
    package var dayFees: [Int: Money]
    package var currency: Currency
    /// The amount of each meter that a period includes; a meter that is missing has an allowance of 0.
    package var allowances: [Meter: Limit]
    /// The most that is carried over at a period's end, by meter. A meter that is missing carries nothing over.
    package var rolloverCaps: [Meter: Quantity]
    /// Meters that only count, outside of the waterfall: past their allowance too, where they have one, and never in debt.
    package var plainMeters: Set<Meter>
    /// The price of a unit of the debt that a period's end leaves, by meter; the debt of a meter that is missing stays.
    package var overagePrices: [Meter: Money]
    /// How long the allowance of a yearly subscription lasts.
    package var allowanceInterval: AllowanceInterval
    /// 0: there is no trial.
    package var trialDays: Int
    /// Whether the plan is sold; who has it keeps it.
    package var isActive: Bool
    /// The ids or lookup keys of prices at Stripe that sell the plan.
    package var stripePrices: [String] = []

    package init(
        name: PlanName, displayName: String, monthlyFee: Money, yearlyFee: Money? = nil, dayFees: [Int: Money] = [:], currency: Currency,
        allowances: [Meter: Limit],
        rolloverCaps: [Meter: Quantity] = [:], plainMeters: Set<Meter> = [], overagePrices: [Meter: Money] = [:],
        allowanceInterval: AllowanceInterval = .billingPeriod, trialDays: Int = 0, isActive: Bool = true
    ) {
        self.name = name
        self.displayName = displayName
        self.monthlyFee = monthlyFee
        self.yearlyFee = yearlyFee
        self.dayFees = dayFees
        self.allowanceInterval = allowanceInterval
        self.currency = currency
        self.allowances = allowances
        self.rolloverCaps = rolloverCaps
        self.plainMeters = plainMeters
        self.overagePrices = overagePrices
        self.trialDays = trialDays
        self.isActive = isActive
    }

    /// An overage price is below this amount, so that times `Quantity.largest` it stays far below what `Money` holds.
    package static let overagePriceBound = Money(units: 1_000_000 * Money.unitsPerOne)

    /// The operator's free plan, of a shop whose catalog has none.
    package static func free(including allowances: [Meter: Limit], currency: Currency) -> Plan {
        Plan(name: .free, displayName: "Free", monthlyFee: .zero, currency: currency, allowances: allowances)
    }

    /// The tokens of a period.
    package var tokens: Limit { terms(of: .tokens).limit }

    package func terms(of meter: Meter) -> MeterTerms {
        if plainMeters.contains(meter) { return MeterTerms(limit: allowances[meter] ?? .unlimited, rolloverCap: nil, isPlain: true) }
        return MeterTerms(limit: allowances[meter] ?? .of(0), rolloverCap: rolloverCaps[meter], isPlain: false)
    }

    /// Every meter that the plan names, `tokens` first, then by name.
    package var meters: [Meter] {
        let others = Set(allowances.keys).union(rolloverCaps.keys).union(plainMeters).union(overagePrices.keys).subtracting([.tokens])
        return [.tokens] + others.sorted()
    }

    /// The price of one period of `cycle`. N days cost the monthly fee × N ÷ 30, to the currency's smallest amount, unless the plan has a fee for
    /// them.
    package func fee(for cycle: BillingCycle) -> Money {
        switch cycle {
        case .monthly: monthlyFee
        case .yearly: yearlyFee ?? monthlyFee * 12
        case .days(let days): dayFees[days] ?? monthlyFee.share(Int64(days), of: 30, in: currency)
        }
    }

    /// The most fees for periods of days.
    package static let maximumDayFees = 32
}

/// How long an allowance lasts.
package enum AllowanceInterval: String, CaseIterable, Hashable, Sendable {
    case billingPeriod = "billing_period"
    /// A month, also where a year is billed.
    case monthly
}

/// The terms of one meter in a plan: its limit, and the most that is carried over (nil: nothing is).
package struct MeterTerms: Equatable, Sendable {
    package let limit: Limit
    package let rolloverCap: Quantity?
    package let isPlain: Bool
}
