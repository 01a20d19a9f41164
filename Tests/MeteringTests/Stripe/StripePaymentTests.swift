import Testing

@testable import Metering

struct StripePaymentTests {
    @Test(
        arguments: [
            ("EUR", 2900, "29.00"), ("EUR", 1, "0.01"), ("JPY", 2900, "2900.00"), ("KWD", 2900, "2.90"), ("KWD", 1, "0.001"),
            ("ISK", 2900, "29.00"),
            ("USD", 0, "0.00"), ("BIF", .max, "9223372036854775807.00"),
        ] as [(String, Int64, String)])
    func `Money is counted in the currency's smallest unit`(code: String, count: Int64, text: String) {
        #expect(Money(smallestUnits: count, of: Currency(stored: code)).text == text)
    }

    @Test(arguments: [("EUR", 2900, true), ("EUR", 3451, true), ("EUR", 2899, false), ("USD", 2900, false), ("JPY", 2900, false)])
    func `An invoice is covered by its total or more in its currency`(code: String, amount: Int64, isCovered: Bool) {
        let bill = Bill(
            user: UserID(stored: "u"), subscription: SubscriptionID(stored: "s"), kind: .period, periodNumber: 1, plan: .free,
            planDisplayName: "Free", currency: Currency(stored: "EUR"),
            lines: [
                InvoiceLine(
                    .fee, "Fee", for: Period(start: time("2026-11-01T00:00:00Z"), end: time("2026-12-01T00:00:00Z")),
                    amount: Money("29") ?? .zero)
            ])
        let number = InvoiceNumber(stored: "FACT-202611-0001")
        let invoice = Invoice.issued(bill, as: number, at: time("2026-12-01T00:00:00Z"), dueAfterDays: 14)
        let payment = StripePayment(reference: "in_1", number: number, amount: amount, currency: Currency(stored: code))
        #expect(payment.covers(invoice) == isCovered)
    }
}
