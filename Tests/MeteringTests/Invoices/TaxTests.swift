import Support
import Testing

@testable import Metering

/// What a tax comes to, held against cross-multiplied integers, and what must add up whatever the rates.
struct TaxTests {
    private static let euro = Currency(stored: "EUR")

    private static func rate(_ percent: String, included: Bool = false) throws -> TaxRate {
        try #require(TaxRate(name: "VAT", percent: Money(percent) ?? .largest, isInclusive: included))
    }

    @Test(arguments: [
        ("100.00", "20", false, "100.00", "20.00", "120.00"), ("100.00", "20", true, "83.33", "16.67", "100.00"),
        ("0.05", "10", false, "0.05", "0.01", "0.06"), ("0.04", "10", false, "0.04", "0.00", "0.04"),
        ("29.99", "5.5", false, "29.99", "1.65", "31.64"), ("2.99", "4", true, "2.87", "0.12", "2.99"),
        ("10.00", "0", false, "10.00", "0.00", "10.00"), ("10.00", "100", true, "5.00", "5.00", "10.00"),
        ("1000.00", "8.8751", false, "1000.00", "88.75", "1088.75"),
    ])
    func `A tax is rounded once, halves away from zero`(
        _ amount: String, _ percent: String, _ included: Bool, _ subtotal: String, _ tax: String, _ total: String
    ) throws {
        let invoice = try Self.invoice(Money(amount) ?? .zero, [Self.rate(percent, included: included)], in: Self.euro)
        #expect([invoice.subtotal, invoice.tax, invoice.total].map(\.text) == [subtotal, tax, total])
    }

    @Test func `Yen have no fractions and dinars three digits`() throws {
        let yen = try Self.invoice(Money("333") ?? .zero, [Self.rate("10")], in: Currency(stored: "JPY"))
        #expect(yen.tax == Money("33"))
        let dinars = try Self.invoice(Money("1.005") ?? .zero, [Self.rate("5")], in: Currency(stored: "KWD"))
        #expect(dinars.tax == Money("0.05") && dinars.total == Money("1.055"))
    }

    @Test(arguments: ["-1", "100.0001", "5.00001"]) func `A percentage has bounds`(_ percent: String) throws {
        #expect(TaxRate(name: "VAT", percent: Money(percent) ?? .zero, isInclusive: false) == nil)
    }

    @Test func `Who is exempt pays none; rates by hand come before the country's, and those before the others'`() throws {
        let (french, german, other) = (try Self.rate("20"), try Self.rate("19"), try Self.rate("1"))
        let rates = [("FR", french), ("DE", german), (nil, other)].map { CountryTaxRate(country: $0, rate: $1) }
        func terms(_ country: String?, byHand: [TaxRate]? = nil, exempt: String? = nil) -> TaxTerms {
            let address = country.map { PostalAddress(fields: ["country": $0]) }
            return TaxTerms(of: UserProfile(address: address, taxRates: byHand, taxExemption: exempt), in: rates)
        }
        #expect(terms("FR").rates == [french] && terms("DE").rates == [german])
        #expect(terms("US").rates == [other] && terms(nil).rates == [other] && TaxTerms(of: nil, in: rates).rates == [other])
        #expect(terms("FR", byHand: [german]).rates == [german] && terms("FR", byHand: []).rates == [])
        #expect(terms("FR", byHand: [german], exempt: "Reverse charge") == TaxTerms(rates: [], exemption: "Reverse charge"))
        #expect(TaxTerms(of: nil, in: []).lines(on: Self.euro.smallest, in: Self.euro).isEmpty)
    }

    @Test func `Taxes of the largest sums trap nowhere`() throws {
        for included in [false, true] {
            let invoice = try Self.invoice(
                .largest, [Self.rate("100", included: included), Self.rate("3.3333", included: included)], in: Self.euro)
            #expect(invoice.total <= .largest && invoice.tax > .zero && invoice.overage <= invoice.total)
        }
    }

    /// 20,000 invoices of random lines and rates.
    @Test func `Whatever the rates: all adds up, and no tax is off by more than half of the smallest amount`() async throws {
        var random = SplitMix(seed: 20_261_128)
        for number in 0..<20_000 {
            if number % 500 == 0 { await Task.yield() }
            let currency = Currency(stored: ["EUR", "JPY", "KWD"][Int(random.next() % 3)])
            let rates = try (0..<Int(random.next() % 4)).map { _ in
                try #require(
                    TaxRate(
                        name: "T", percent: Money(units: Int128(random.next() % 1_000_001) * 1_000_000), isInclusive: random.next() % 2 == 0
                    ))
            }
            let amount = currency.smallest * Int(random.next() % 10_000_000)
            var invoice = try Self.invoice(amount, rates, in: currency)
            check(invoice, rates)
            // What is lowered is taxed as if it had been issued so.
            let part = currency.smallest * Int(random.next() % 10_000_000)
            guard invoice.isOpen, part < invoice.openFee else { continue }
            invoice.lower(by: part, because: "less", at: Timestamp(milliseconds: 0))
            #expect(invoice.taxes == (try Self.invoice(amount - part, rates, in: currency)).taxes)
            // What is paid and given back in parts comes to the total.
            let paid = try invoice.pay("p", at: Timestamp(milliseconds: 1)).map(\.amount).sum
            #expect(paid == invoice.total)
            let first = invoice.total.part(1, of: 3, in: currency)
            if first > .zero { _ = try invoice.refund(first, as: RefundID(stored: "a"), at: Timestamp(milliseconds: 2)) }
            #expect(invoice.beforeTax(invoice.total - invoice.refunded) <= invoice.bill.total)
            _ = try invoice.refund(nil, as: RefundID(stored: "b"), at: Timestamp(milliseconds: 3))
            #expect(invoice.refunded == invoice.total && invoice.status == .refunded)
        }
    }

    private func check(_ invoice: Invoice, _ rates: [TaxRate]) {
        let (lines, smallest) = (invoice.taxes, invoice.bill.currency.smallest.units)
        #expect(invoice.subtotal + invoice.tax == invoice.total && invoice.total >= invoice.bill.total)
        #expect(lines.allSatisfy { $0.amount >= .zero && $0.amount.units % smallest == 0 })
        let contained = lines.filter(\.rate.isInclusive).map(\.amount).sum
        #expect(invoice.total - lines.filter { !$0.rate.isInclusive }.map(\.amount).sum == invoice.bill.total)
        #expect(lines.allSatisfy { $0.taxable == invoice.bill.total - contained })
        // |2 × tax × whole − 2 × base × percent| ≤ smallest × whole, in integers.
        let included = rates.filter(\.isInclusive).map(\.percent.units).reduce(0, +)
        for line in lines {
            let isIn = line.rate.isInclusive
            let whole = 100 * Money.unitsPerOne + (isIn ? included : 0)
            let base = isIn ? invoice.bill.total : line.taxable
            let (tax, exact) = (2 * line.amount.units * (whole / 1_000_000), 2 * base.units * (line.rate.percent.units / 1_000_000))
            #expect((tax - exact).magnitude <= (smallest * (whole / 1_000_000)).magnitude)
        }
    }

    /// An invoice of one line.
    private static func invoice(_ amount: Money, _ rates: [TaxRate], in currency: Currency) throws -> Invoice {
        let period = Period(start: Timestamp(milliseconds: 0), end: Timestamp(milliseconds: 1_000))
        let bill = Bill(
            user: UserID(stored: "u"), subscription: SubscriptionID(stored: "s"), kind: .change, periodNumber: 1,
            plan: PlanName(stored: "p"), planDisplayName: "P", currency: currency,
            lines: [InvoiceLine(.fee, "Fee", for: period, amount: amount)])
        return .issued(
            bill, as: InvoiceNumber(stored: "FACT-202611-0001"), at: period.start, dueAfterDays: 14,
            terms: InvoiceTerms(taxes: TaxTerms(rates: rates)))
    }
}
