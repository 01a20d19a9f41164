/// A decimal as JSON writes it, `9.499999999999999e-07` or `-1.5E+3`: `digits` × 10^`exponent`, exact.
package struct ScientificDecimal: Equatable, Sendable {
    package let digits: Int128
    package let exponent: Int

    private init(digits: Int128, exponent: Int) {
        self.digits = digits
        self.exponent = exponent
    }

    /// Nil for a text that is no decimal, has more than 38 digits, or an exponent that makes every number but 0 too large or too small.
    package init?(_ text: String) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let exponent = parts.count == 2 ? Int(parts[1]) : 0, (-400...400).contains(exponent) else { return nil }
        let halves = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = halves.count == 2 ? halves[1] : ""
        guard !halves[0].isEmpty, let digits = Int128(halves[0] + fraction) else { return nil }
        self.init(digits: digits, exponent: exponent - fraction.utf8.count)
    }

    /// The product with an amount; nil past 128 bits.
    package func times(_ factor: Money) -> ScientificDecimal? {
        let (product, overflow) = digits.multipliedReportingOverflow(by: factor.units)
        return overflow ? nil : ScientificDecimal(digits: product, exponent: exponent - Money.fractionDigits)
    }

    /// The number × 10^`shift`, to the nearest 10⁻¹⁰, halves away from zero, and whether that is the number itself. Nil past 128 bits.
    package func money(timesTenTo shift: Int = 0) -> (amount: Money, isExact: Bool)? {
        guard digits != 0 else { return (.zero, true) }
        let power = exponent + shift + Money.fractionDigits
        guard let scale = Self.power(of: abs(power)) else { return power > 0 ? nil : (.zero, false) }
        if power >= 0 {
            let (units, overflow) = digits.multipliedReportingOverflow(by: scale)
            return overflow ? nil : (Money(units: units), true)
        }
        let (units, rest) = digits.quotientAndRemainder(dividingBy: scale)
        let away: Int128 = digits < 0 ? -1 : 1
        return (Money(units: rest.magnitude >= scale.magnitude - rest.magnitude ? units + away : units), rest == 0)
    }

    /// 10^`exponent`; nil past 128 bits.
    private static func power(of exponent: Int) -> Int128? {
        guard exponent <= 38 else { return nil }
        return (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
