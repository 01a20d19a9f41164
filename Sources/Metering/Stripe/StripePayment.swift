/// A payment that Stripe took for one of our invoices.
package struct StripePayment: Equatable, Sendable {
    /// The id of Stripe's invoice.
    package let reference: String
    /// The number of ours.
    package let number: InvoiceNumber
    package let amount: Money
    package let currency: Currency

    /// - Parameter amount: a count of the currency's smallest unit, as Stripe counts; not below 0.
    package init(reference: String, number: InvoiceNumber, amount: Int64, currency: Currency) {
        self.reference = reference
        self.number = number
        self.amount = Money(smallestUnits: amount, of: currency)
        self.currency = currency
    }

    /// Whether the payment is enough for the invoice: in its currency, and not less than its total. It is more where Stripe adds a tax.
    package func covers(_ invoice: Invoice) -> Bool { currency == invoice.bill.currency && amount >= invoice.total }
}

extension Money {
    /// Reads an amount as Stripe counts it: `count` of the currency's smallest unit.
    init(smallestUnits count: Int64, of currency: Currency) {
        let digits = Self.stripeDigits[currency.code] ?? 2
        let unit = (digits..<Self.fractionDigits).reduce(1 as Int128) { unit, _ in unit * 10 }
        self.init(units: Int128(count) * unit)
    }

    /// Digits after the point by Stripe's count, of currencies that do not have two. Those that are not here have two, also ISK and UGX.
    private static let stripeDigits = [
        "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0, "PYG": 0, "RWF": 0, "VND": 0, "VUV": 0, "XAF": 0,
        "XOF": 0, "XPF": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
    ]
}
