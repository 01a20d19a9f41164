/// What was paid to Stripe for one of our invoices.
package struct StripePayment: Equatable, Sendable {
    /// Stripe's name of its invoice.
    package let reference: String
    package let number: InvoiceNumber
    package let amount: Money
    package let currency: Currency

    /// - Parameter amount: in the currency's smallest unit, as Stripe counts; not below 0.
    package init(reference: String, number: InvoiceNumber, amount: Int64, currency: Currency) {
        self.reference = reference
        self.number = number
        self.amount = Money(smallestUnits: amount, of: currency)
        self.currency = currency
    }

    /// Whether it is enough for the invoice: the same currency, and its total or more, as with a tax that Stripe adds.
    package func covers(_ invoice: Invoice) -> Bool { currency == invoice.bill.currency && amount >= invoice.total }
}

extension Money {
    /// `count`: of the currency's smallest unit, in which Stripe counts money.
    init(smallestUnits count: Int64, of currency: Currency) {
        let digits = Self.stripeDigits[currency.code] ?? 2
        let unit = (digits..<Self.fractionDigits).reduce(1 as Int128) { unit, _ in unit * 10 }
        self.init(units: Int128(count) * unit)
    }

    /// Digits after the point where they are not two, as Stripe counts: ISK and UGX have two there.
    private static let stripeDigits = [
        "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0, "PYG": 0, "RWF": 0, "VND": 0, "VUV": 0, "XAF": 0,
        "XOF": 0, "XPF": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
    ]
}
