/// An amount of money: a count of 10⁻¹⁰ currency units, so that sums and products are exact (`Rounding.swift` has what rounds).
package struct Money: Hashable, Comparable, Sendable {
    package let units: Int128

    package init(units: Int128) { self.units = units }

    package static let unitsPerOne: Int128 = 10_000_000_000
    package static let zero = Money(units: 0)
    /// The most that can be stored, as a decimal of MongoDB has 34 digits: nearly 10^24. Sums and products are exact up to it, and stop there.
    package static let largest = Money(units: 9_999_999_999_999_999_999_999_999_999_999_999)

    package static func < (left: Money, right: Money) -> Bool { left.units < right.units }
    package static func + (left: Money, right: Money) -> Money { bounded(left.units.addingReportingOverflow(right.units), left < zero) }
    package static func - (left: Money, right: Money) -> Money {
        bounded(left.units.subtractingReportingOverflow(right.units), left < zero)
    }
    package static prefix func - (amount: Money) -> Money { Money(units: -amount.units) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func * (left: Money, right: Int) -> Money {
        bounded(left.units.multipliedReportingOverflow(by: Int128(right)), (left < zero) != (right < 0))
    }

    /// The result, which stops at `largest` and at −`largest`. One that overflowed has the sign that is given.
    private static func bounded(_ result: (partialValue: Int128, overflow: Bool), _ isNegative: Bool) -> Money {
        if result.overflow { return isNegative ? -largest : largest }
        return Money(units: min(largest.units, max(-largest.units, result.partialValue)))
    }
}

extension Sequence<Money> {
    package var sum: Money { reduce(.zero, +) }
}
