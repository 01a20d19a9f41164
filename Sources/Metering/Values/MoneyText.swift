/// Money as text. Every conversion is exact, or it is refused.
extension Money {
    package static let fractionDigits = 10
    /// The most digits before the point that a client's amount may have.
    package static let maximumIntegerDigits = 15

    /// The most digits before the point that a sum of amounts has: those of `largest`.
    package static let sumIntegerDigits = 24

    /// Reads a client's decimal: `29`, `29.00`, `-0.0000001`. Nil with an exponent, more than 15 digits before the point or 10 after it.
    package init?(_ text: String) { self.init(text, integerDigits: Self.maximumIntegerDigits) }

    /// Reads a decimal of at most `integerDigits` before the point and 10 after it; nil for another text.
    package init?(_ text: String, integerDigits: Int) {
        let isNegative = text.hasPrefix("-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let integer = parts.first, (1...integerDigits).contains(integer.utf8.count),
            (1...Self.fractionDigits).contains(fraction.utf8.count), let high = Self.digits(integer), let low = Self.digits(fraction)
        else { return nil }
        let scale = (fraction.utf8.count..<Self.fractionDigits).reduce(1 as Int128) { scale, _ in scale * 10 }
        let units = high * Self.unitsPerOne + low * scale
        self.init(units: isNegative ? -units : units)
    }

    /// The exact decimal, with two digits after the point or as many as it needs: `29.00`, `-0.0000001`.
    package var text: String { text(digits: 2) }

    /// The exact decimal, with the digits of the currency's smallest amount after the point, and more where it needs them: `29.00`, `1200`.
    package func text(in currency: Currency) -> String { text(digits: currency.minorDigits) }

    /// The exact decimal, with at least `digits` (0 to 10) digits after the point, and more where it needs them.
    package func text(digits: Int) -> String {
        let magnitude = units.magnitude
        let (integer, rest) = magnitude.quotientAndRemainder(dividingBy: Self.unitsPerOne.magnitude)
        var fraction = String(rest)
        fraction = String(repeating: "0", count: Self.fractionDigits - fraction.utf8.count) + fraction
        while fraction.utf8.count > digits, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(units < 0 ? "-" : "")\(integer)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    private static func digits(_ text: Substring) -> Int128? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int128(text) : nil
    }
}

extension Money {
    /// Reads a decimal as JSON and libbson write it, `5e-07` or `-1.5E+3`, and multiplies it by ten to the power of `shift`. Nil where the
    /// product is no whole count of 10⁻¹⁰ units in 128 bits.
    package init?(scientific text: String, timesTenTo shift: Int = 0) {
        guard let number = ScientificDecimal(text)?.money(timesTenTo: shift), number.isExact else { return nil }
        self = number.amount
    }
}
