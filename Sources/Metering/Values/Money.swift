/// An amount of money: a count of 10⁻¹⁰ currency units, so that every sum and product is exact (`Rounding.swift` has what rounds).
package struct Money: Hashable, Comparable, Sendable {
    package let units: Int128

    package init(units: Int128) { self.units = units }

    package static let unitsPerOne: Int128 = 10_000_000_000
    package static let zero = Money(units: 0)

    package static func < (left: Money, right: Money) -> Bool { left.units < right.units }
    package static func + (left: Money, right: Money) -> Money { Money(units: left.units + right.units) }
    package static func - (left: Money, right: Money) -> Money { Money(units: left.units - right.units) }
    package static prefix func - (amount: Money) -> Money { Money(units: -amount.units) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func * (left: Money, right: Int) -> Money { Money(units: left.units * Int128(right)) }
}

extension Sequence<Money> {
    package var sum: Money { reduce(.zero, +) }
}

/// An ISO 4217 code by its form: three capital letters.
package struct Currency: Hashable, Sendable {
    package let code: String

    /// Nil for a text of another form.
    package init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return nil }
        self.code = code
    }

    /// Takes a code that was checked when it was first stored.
    package init(stored code: String) { self.code = code }
}
