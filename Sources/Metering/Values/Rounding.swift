/// Every division of the rules, and every rounding of money: sums and products are exact, and only what stands here cuts digits off.
extension BinaryInteger {
    /// `self ÷ divisor`, to the nearest integer, halves away from zero. `divisor` is above 0, and |self| + `divisor` ÷ 2 fits the type.
    func roundedQuotient(by divisor: Self) -> Self {
        let half = divisor / 2
        return (self < 0 ? self - half : self + half) / divisor
    }

    /// `self ÷ divisor`, towards minus infinity. `divisor` is above 0.
    func flooredQuotient(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Money {
    /// The amount to the nearest of the currency's smallest, halves away from zero: for the lines of an invoice, each rounded once.
    package func rounded(in currency: Currency) -> Money { share(1, of: 1, in: currency) }

    /// `self × part ÷ whole`, exact until it is rounded to the nearest of the currency's smallest amounts, halves away from zero. `whole` is above
    /// 0. An amount has at most 10^26 units and a part at most 10^11 milliseconds (3 years), so that their product fits an Int128.
    package func share(_ part: Int64, of whole: Int64, in currency: Currency) -> Money {
        let smallest = currency.smallest.units
        return Money(units: (units * Int128(part)).roundedQuotient(by: Int128(whole) * smallest) * smallest)
    }

    /// `self × part ÷ whole`, exact until it is rounded as by `share`, whatever the amount: the product has 256 bits. No number is below 0; `part` is at
    /// most `whole`, which is above 0 and at most 10^9.
    func part(_ part: Int128, of whole: Int128, in currency: Currency) -> Money {
        let smallest = currency.smallest.units
        return Money(units: Self.roundedQuotient(of: units, times: part, by: whole * smallest) * smallest)
    }

    /// The same of an amount of the currency's smallest, for a part of another amount.
    func part(_ part: Money, of whole: Money, in currency: Currency) -> Money {
        let smallest = currency.smallest.units
        return Money(units: Self.roundedQuotient(of: units / smallest, times: part.units, by: whole.units) * smallest)
    }

    private static func roundedQuotient(of factor: Int128, times other: Int128, by divisor: Int128) -> Int128 {
        let product = factor.multipliedFullWidth(by: other)
        let (low, carries) = product.low.addingReportingOverflow(UInt128(divisor / 2))
        return divisor.dividingFullWidth((product.high + (carries ? 1 : 0), low)).quotient
    }

    /// `self ÷ divisor`, to the nearest 10⁻¹⁰, halves away from zero: for numbers that are shown and not billed. `divisor` is above 0.
    package func divided(by divisor: Int) -> Money { Money(units: units.roundedQuotient(by: Int128(divisor))) }
}
