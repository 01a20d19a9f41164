/// A model's price beside the one that it follows.
package struct PriceChange: Equatable, Sendable {
    /// A rate of both prices that differs.
    package struct Factor: Equatable, Sendable {
        /// `input`, `cache_read batch`, `per_request`.
        package let name: String
        package let old: Money
        package let new: Money

        /// Whether the larger is more than `bound` times the smaller; any amount is that much beside 0.
        package var isLeap: Bool { min(old, new) * PriceChange.bound < max(old, new) }

        /// The new price ÷ the old one, to 4 digits: `×1.2`; `from nothing`.
        package var text: String {
            guard old != .zero else { return "from nothing" }
            let factor = Money(units: (new.units * 10_000).roundedQuotient(by: old.units) * (Money.unitsPerOne / 10_000))
            return "×" + factor.text(digits: 1)
        }
    }

    package let old: ModelPrice
    package let new: ModelPrice

    /// How many times a price may become larger or smaller unseen: prices per million that were written as prices per token came into everybody's
    /// bills.
    package static let bound = 100

    package init(from old: ModelPrice, to new: ModelPrice) {
        self.old = old
        self.new = new
    }

    /// The standard rates first, in the order of the classes.
    package var factors: [Factor] {
        var factors: [Factor] = []
        for tier in ServiceTier.allCases {
            for kind in TokenClass.allCases {
                guard let before = old.rates[kind, tier], let after = new.rates[kind, tier], before.perMillion != after.perMillion else {
                    continue
                }
                let name = tier == .standard ? kind.rawValue : "\(kind.rawValue) \(tier.rawValue)"
                factors.append(Factor(name: name, old: before.perMillion, new: after.perMillion))
            }
        }
        for unit in PriceUnit.allCases {
            guard let before = old.rates.units[unit], let after = new.rates.units[unit], before != after else { continue }
            factors.append(Factor(name: unit.rawValue, old: before, new: after))
        }
        return factors
    }

    /// The first rate that changes by more than `bound` times.
    package var leap: Factor? { factors.first(where: \.isLeap) }
}
