package import Bytes

/// By what margins are grouped.
package enum MarginGrouping: String, CaseIterable, Sendable { case model, user, day }

/// What uses of models brought and what they cost the shop.
package struct Margin: Equatable, Sendable {
    /// Charges and calls.
    package var uses: Quantity
    /// What wallets paid.
    package var charged: Money
    /// What they were given back.
    package var refunded: Money
    /// What the uses cost the shop, by its prices without the markup; also those that no wallet paid.
    package var ownCost: Money

    package init(uses: Quantity = 0, charged: Money = .zero, refunded: Money = .zero, ownCost: Money = .zero) {
        self.uses = uses
        self.charged = charged
        self.refunded = refunded
        self.ownCost = ownCost
    }

    package var margin: Money { charged - refunded - ownCost }

    /// The margin in hundredths of a percent of what was kept of the charges, halves away from zero; nil where nothing was, or past 64 bits.
    package var basisPoints: Int64? {
        let kept = charged - refunded
        let (parts, overflow) = margin.units.multipliedReportingOverflow(by: 10_000)
        guard kept > .zero, !overflow else { return nil }
        return Int64(exactly: parts.roundedQuotient(by: kept.units))
    }

    package static func += (left: inout Margin, right: Margin) {
        left.uses = left.uses.bounded(adding: right.uses)
        left.charged += right.charged
        left.refunded += right.refunded
        left.ownCost += right.ownCost
    }
}

/// Margins by model, user or day (UTC).
package struct Margins: Equatable, Sendable {
    package private(set) var groups: [Bytewise<String>: Margin] = [:]
    package private(set) var total = Margin()

    /// The most groups that are kept in memory.
    package static let maximumGroups = 10_000
    /// The longest time of one report.
    package static let maximumDays = 92

    package init() {}

    package mutating func add(_ margin: Margin, to group: String) {
        groups[Bytewise(wrappedValue: group), default: Margin()] += margin
        total += margin
    }

    /// The groups with the largest charges first, then by their names; at most `limit`.
    package func largest(_ limit: Int) -> [(group: String, margin: Margin)] {
        let sorted = groups.sorted {
            $0.value.charged == $1.value.charged
                ? $0.key.wrappedValue.hasBytes(before: $1.key.wrappedValue) : $0.value.charged > $1.value.charged
        }
        return sorted.prefix(limit).map { ($0.key.wrappedValue, $0.value) }
    }
}
