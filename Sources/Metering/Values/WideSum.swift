/// A sum of products of numbers that are not negative, exact in 256 bits: tokens × prices × a markup pass the 128 bits of an amount of money.
struct WideSum: Equatable {
    private var high: UInt128 = 0
    private var low: UInt128 = 0

    /// Adds a product. The sum of all must be below 2^256.
    mutating func add(_ left: UInt128, times right: UInt128) {
        let product = left.multipliedFullWidth(by: right)
        let (sum, carries) = low.addingReportingOverflow(product.low)
        low = sum
        high += product.high + (carries ? 1 : 0)
    }

    /// The sum × `factor`, which must be below 2^256.
    func multiplied(by factor: UInt128) -> WideSum {
        let product = low.multipliedFullWidth(by: factor)
        var result = WideSum()
        (result.high, result.low) = (high * factor + product.high, product.low)
        return result
    }

    /// The sum ÷ `divisor`, to the nearest integer, halves up; nil when it does not fit 128 bits. `divisor` is above 0.
    func roundedQuotient(by divisor: UInt128) -> UInt128? {
        var rounded = self
        rounded.add(divisor / 2, times: 1)
        guard rounded.high < divisor else { return nil }
        return divisor.dividingFullWidth((rounded.high, rounded.low)).quotient
    }
}
