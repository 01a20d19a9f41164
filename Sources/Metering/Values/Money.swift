/// An amount of money: a count of 10⁻¹⁰ currency units, so that every sum and product is exact.
package struct Money: Hashable, Comparable, Sendable {
    package let units: Int128

    package init(units: Int128) { self.units = units }

    package static let unitsPerOne: Int128 = 10_000_000_000
    package static let fractionDigits = 10
    /// Digits before the point that text may have.
    package static let maximumIntegerDigits = 15
    package static let zero = Money(units: 0)

    package static func < (left: Money, right: Money) -> Bool { left.units < right.units }
    package static func + (left: Money, right: Money) -> Money { Money(units: left.units + right.units) }
    package static func - (left: Money, right: Money) -> Money { Money(units: left.units - right.units) }
    package static prefix func - (amount: Money) -> Money { Money(units: -amount.units) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func * (left: Money, right: Int) -> Money { Money(units: left.units * Int128(right)) }

    /// The nearest amount to a share; halves are rounded away from zero. `divisor` is above 0.
    package func divided(by divisor: Int) -> Money {
        let half = Int128(divisor) / 2
        return Money(units: (units < 0 ? units - half : units + half) / Int128(divisor))
    }

    /// An exact decimal: `29`, `29.00`, `-0.0000001`. Nil with an exponent, more than 15 digits before the point or 10 after it.
    package init?(_ text: String) {
        let isNegative = text.hasPrefix("-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let integer = parts.first, (1...Self.maximumIntegerDigits).contains(integer.utf8.count),
            (1...Self.fractionDigits).contains(fraction.utf8.count), let high = Self.digits(integer), let low = Self.digits(fraction)
        else { return nil }
        let scale = (fraction.utf8.count..<Self.fractionDigits).reduce(1 as Int128) { scale, _ in scale * 10 }
        let units = high * Self.unitsPerOne + low * scale
        self.init(units: isNegative ? -units : units)
    }

    /// The exact decimal, with two digits after the point or as many as it needs.
    package var text: String { text(digits: 2) }

    /// The exact decimal, with `digits` after the point or as many as it needs.
    package func text(digits: Int) -> String {
        let magnitude = units.magnitude
        let (integer, rest) = magnitude.quotientAndRemainder(dividingBy: Self.unitsPerOne.magnitude)
        var fraction = String(rest)
        fraction = String(repeating: "0", count: Self.fractionDigits - fraction.utf8.count) + fraction
        while fraction.utf8.count > digits, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(units < 0 ? "-" : "")\(integer).\(fraction)"
    }

    private static func digits(_ text: Substring) -> Int128? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int128(text) : nil
    }
}

extension Sequence<Money> {
    package var sum: Money { reduce(.zero, +) }
}

/// An ISO 4217 code by its form: three capital letters.
package struct Currency: Hashable, Sendable {
    package let code: String

    package init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return nil }
        self.code = code
    }

    package init(stored code: String) { self.code = code }
}
