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
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let exponent = parts.count == 2 ? Int(parts[1]) : 0, Self.exponents.contains(exponent) else { return nil }
        let halves = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = halves.count == 2 ? halves[1] : ""
        guard let digits = Int128(halves[0] + fraction) else { return nil }
        let power = exponent + shift + Self.fractionDigits - fraction.utf8.count
        guard let units = Self.scaled(digits, byTenTo: power) else { return nil }
        self.init(units: units)
    }

    /// Exponents beyond these make every number but 0 too large or too small to be exact.
    private static let exponents = -400...400

    /// `number` × 10^`power`; nil where digits would be cut off or the product passes 128 bits.
    private static func scaled(_ number: Int128, byTenTo power: Int) -> Int128? {
        var scaled = number
        for _ in 0..<abs(power) where scaled != 0 {
            if power < 0 {
                guard scaled % 10 == 0 else { return nil }
                scaled /= 10
            } else {
                let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                scaled = product
            }
        }
        return scaled
    }
}
