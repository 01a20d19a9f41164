package import Bytes

/// A tax in percent of a price: on top of it, or contained in it.
package struct TaxRate: Equatable, Sendable {
    /// As invoices call it: `TVA`.
    @Bytewise package var name: String
    /// From 0 to 100, with at most 4 digits after the point.
    package let percent: Money
    /// Whether prices contain it.
    package let isInclusive: Bool

    package static let maximumPercent: Int128 = 100
    package static let percentDigits = 4

    /// Nil for a percentage out of bounds.
    package init?(name: String, percent: Money, isInclusive: Bool) {
        guard percent >= .zero, percent.units <= Self.maximumPercent * Money.unitsPerOne, percent.units % Self.part == 0 else { return nil }
        self.name = name
        self.percent = percent
        self.isInclusive = isInclusive
    }

    private static let part = Money.unitsPerOne / 10_000

    /// Of `whole` in a price without the tax.
    fileprivate var parts: Int128 { percent.units / Self.part }
    fileprivate static let whole: Int128 = 1_000_000
}

/// A shop's tax for customers of a country.
package struct CountryTaxRate: Equatable, Sendable {
    /// The two letters of ISO 3166; nil: for customers of countries that have no rate, or of whom no country is known.
    package let country: String?
    package let rate: TaxRate

    package static let maximumPerShop = 500

    package init(country: String?, rate: TaxRate) {
        self.country = country
        self.rate = rate
    }
}

/// The taxes of a user's invoices.
package struct TaxTerms: Equatable, Sendable {
    package let rates: [TaxRate]
    /// Why there is no tax, as the invoice says it; nil where nothing is said.
    @Bytewise package var exemption: String?

    package static let maximumRates = 10
    package static let none = TaxTerms(rates: [])

    package init(rates: [TaxRate], exemption: String? = nil) {
        self.rates = rates
        self.exemption = exemption
    }

    /// Who is exempt pays none; else the rates that were set for the user by hand count; else those of the country in the user's address.
    package init(of profile: UserProfile?, in rates: [CountryTaxRate]) {
        if let exemption = profile?.taxExemption {
            self.init(rates: [], exemption: exemption)
        } else {
            let country = profile?.address?.country.flatMap { country in rates.contains { $0.country == country } ? country : nil }
            self.init(rates: profile?.taxRates ?? rates.filter { $0.country == country }.map(\.rate))
        }
    }
}

/// One rate's tax on an invoice.
package struct TaxLine: Equatable, Sendable {
    package let rate: TaxRate
    /// The amount without any tax, of which the rate is a part.
    package let taxable: Money
    package let amount: Money

    package init(rate: TaxRate, taxable: Money, amount: Money) {
        self.rate = rate
        self.taxable = taxable
        self.amount = amount
    }
}

/// The taxes of an amount N, the sum of an invoice's fees, overage and credit:
///
///     an included rate of p %, of I % in all    N × p ÷ (100 + I)
///     a rate of p % on top                      B × p ÷ 100, of B = N less the included taxes
///
/// Each is exact until it is rounded once, to the nearest of the currency's smallest amounts, halves away from zero: once a rate and invoice, not once
/// a line. So what a customer pays is N and the rates on top, and B and all taxes add up to it, to the last digit. Credit is taken off before tax.
extension TaxTerms {
    /// One line a rate, in their order; none where the amount is 0.
    package func lines(on amount: Money, in currency: Currency) -> [TaxLine] {
        guard amount > .zero else { return [] }
        let included = rates.filter(\.isInclusive).map(\.parts).reduce(0, +)
        func part(_ rate: TaxRate, of base: Money, _ whole: Int128) -> Money { base.part(rate.parts, of: whole, in: currency) }
        let contained = rates.map { $0.isInclusive ? part($0, of: amount, TaxRate.whole + included) : .zero }
        let base = amount - contained.sum
        return zip(rates, contained).map { rate, contained in
            TaxLine(rate: rate, taxable: base, amount: rate.isInclusive ? contained : part(rate, of: base, TaxRate.whole))
        }
    }

    /// The amount with the taxes on top of it.
    package func total(of amount: Money, in currency: Currency) -> Money {
        amount + lines(on: amount, in: currency).filter { !$0.rate.isInclusive }.map(\.amount).sum
    }
}
