import Support
import Testing

@testable import Metering

/// What of an invoice was taken back, and what its credit notes say of it.
struct CreditNoteTests {
    private static let now = Timestamp(milliseconds: 0)

    private static func number(_ sequence: Int64) -> CreditNoteNumber {
        CreditNoteNumber(sequence, in: CivilMonth(of: now.day))
    }

    @Test func `Numbers have four digits, or as many as they have`() {
        #expect([1, 9_999, 12_345].map { Self.number($0).rawValue } == ["AVOIR-197001-0001", "AVOIR-197001-9999", "AVOIR-197001-12345"])
    }

    @Test func `What takes nothing back has no note`() throws {
        var paid = try Self.invoice("10.00", ["20"], in: "EUR")
        let open = paid
        _ = try paid.pay("p", at: Self.now)
        #expect(InvoiceCorrection(of: open, to: paid) == nil && InvoiceCorrection(of: open, to: open) == nil)
    }

    /// 20,000 invoices, each lowered, paid by credit, cancelled or refunded in parts.
    @Test func `The notes of an invoice come to what was taken back, and so does each tax`() async throws {
        var random = SplitMix(seed: 3)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        for round in 0..<20_000 {
            if round % 500 == 0 { await Task.yield() }
            let rates = (0..<below(3)).map { _ in "\(below(60)).\(below(10))" }
            var invoice = try Self.invoice("\(1 + below(500)).\(10 + below(90))", rates, in: ["EUR", "KWD"][below(2)])
            let issued = invoice
            var notes: [CreditNote] = []
            for _ in 0..<6 {
                let before = invoice
                switch below(5) {
                case 0: invoice.isOpen ? invoice.lower(by: Self.part(of: invoice.openFee, below(5)), because: "less", at: Self.now) : ()
                case 1: invoice.isOpen ? invoice.pay(credit: Self.part(of: invoice.bill.total, below(5)), at: Self.now) : ()
                case 2: _ = try? invoice.pay("p", at: Self.now)
                case 3: if below(4) == 0 { _ = try? invoice.cancel(at: Self.now) }
                default:
                    let part = invoice.refundable.part(Int128(1 + below(5)), of: 5, in: invoice.bill.currency)
                    _ = try? invoice.refund(part, as: RefundID(stored: "r"), at: Self.now)
                }
                guard let correction = InvoiceCorrection(of: before, to: invoice) else {
                    #expect(before.standing == invoice.standing)
                    continue
                }
                notes.append(correction.note(Self.number(Int64(notes.count + 1)), at: Self.now))
            }
            #expect(notes.map(\.amount).sum == issued.total - invoice.standing && issued.issuedTotal == issued.total)
            #expect(notes.allSatisfy { $0.amount > .zero && $0.tax <= $0.amount })
            guard invoice.standing == .zero else { continue }
            for (index, line) in issued.taxes.enumerated() {
                #expect(notes.map { $0.taxes[index].amount }.sum == line.amount, "tax by tax, once nothing stands")
            }
        }
    }

    private static func part(of amount: Money, _ fifths: Int) -> Money { amount.part(Int128(fifths + 1), of: 5, in: euro) }

    private static func invoice(_ amount: String, _ percents: [String], in currency: String) throws -> Invoice {
        let rates = try percents.enumerated().map { index, percent in
            try #require(TaxRate(name: "T", percent: Money(percent) ?? .zero, isInclusive: index == 1))
        }
        let bill = Bill(
            user: user, subscription: SubscriptionID(stored: "s"), kind: .change, periodNumber: 1, plan: PlanName(stored: "p"),
            planDisplayName: "P", currency: Currency(stored: currency),
            lines: [InvoiceLine(.fee, "Fee", for: Period(start: now, end: now.adding(days: 1)), amount: Money(amount) ?? .zero)])
        return .issued(
            bill, as: InvoiceNumber(stored: "FACT-197001-0001"), at: now, dueAfterDays: 14,
            terms: InvoiceTerms(taxes: TaxTerms(rates: rates)))
    }
}
