extension Money {
    /// A decimal as JSON and libbson write it, `5e-07` or `-1.5E+3`, times ten to the power of `shift`; nil where that is no exact count of
    /// 10⁻¹⁰ units in 128 bits.
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

    /// Beyond them nothing but 0 could be exact.
    private static let exponents = -400...400

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
