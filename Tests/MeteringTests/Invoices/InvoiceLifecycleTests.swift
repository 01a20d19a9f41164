import Testing

@testable import Metering

@Suite struct InvoiceLifecycleTests {
    /// Every cell: a status, what happens to it, and the status after it; nil where the lifecycle has no such step.
    private static let table: [(InvoiceStatus, [InvoiceEvent: InvoiceStatus])] = [
        (.pending, [.pay: .paid, .fallDue: .overdue, .cancel: .cancelled]), (.overdue, [.pay: .paid, .cancel: .cancelled]),
        (.paid, [.refund: .refunded]), (.cancelled, [:]), (.refunded, [:]),
    ]

    private let now = time("2026-11-10T12:00:00Z")

    @Test func `Every cell of the lifecycle is as the table says`() {
        for (status, row) in Self.table {
            for event in InvoiceEvent.allCases {
                #expect((try? status.after(event)) == row[event], "\(status.rawValue) \(event.rawValue)")
            }
        }
        #expect(Set(Self.table.map(\.0)) == Set(InvoiceStatus.allCases))
    }

    @Test func `A payment is for the plan and, apart from it, for use beyond it`() throws {
        var subject = invoice([(.fee, "29.00"), (.overage, "4.50"), (.credit, "-9.00")])
        #expect((subject.status, subject.total.text, subject.dueAt) == (.pending, "24.50", now.adding(days: 14)))
        let parts = try subject.pay("pay_1", at: now)
        #expect(parts.map(\.kind) == [.subscription, .overage] && parts.map(\.amount.text) == ["20.00", "4.50"])
        #expect(parts.allSatisfy { $0.reference == "pay_1" && $0.invoice == subject.number })
        #expect((subject.status, subject.paidAt, subject.paymentReference) == (.paid, now, "pay_1"))
        #expect(throws: InvalidInvoiceStep(from: .paid, event: .pay)) { _ = try subject.pay("pay_2", at: now) }
    }

    @Test func `An invoice of nothing is paid at once, and nothing can be given back`() {
        var subject = invoice([(.fee, "29.00"), (.credit, "-29.00")])
        #expect((subject.status, subject.paidAt, subject.paymentReference) == (.paid, now, nil))
        #expect(throws: RefundTooLarge(left: .zero)) { _ = try subject.refund(nil, as: RefundID(stored: "r"), at: now) }
    }

    @Test func `Parts are given back until nothing is left`() throws {
        var subject = invoice([(.fee, "29.00")])
        #expect(throws: InvalidInvoiceStep.self) { _ = try subject.refund(nil, as: RefundID(stored: "r0"), at: now) }
        _ = try subject.pay("p", at: now)
        #expect(try subject.refund(Money("9.00"), as: RefundID(stored: "r1"), at: now).amount.text == "9.00")
        #expect((subject.status, subject.refundable.text) == (.paid, "20.00"))
        #expect(throws: RefundTooLarge.self) { _ = try subject.refund(Money("20.01"), as: RefundID(stored: "r2"), at: now) }
        #expect(throws: RefundTooLarge.self) { _ = try subject.refund(.zero, as: RefundID(stored: "r2"), at: now) }
        #expect(try subject.refund(nil, as: RefundID(stored: "r2"), at: now).amount.text == "20.00")
        #expect((subject.status, subject.refunded.text, subject.refundable) == (.refunded, "29.00", .zero))
        #expect(subject.asRefunded(Money("9.00") ?? .zero).status == .paid && subject.asPaid.refunded == .zero)
    }

    @Test func `What is cancelled is credited`() throws {
        var subject = invoice([(.fee, "29.00")])
        try subject.fallDue()
        #expect(subject.status == .overdue)
        let credit = try subject.cancel(at: now)
        #expect((credit.kind, credit.amount.text, subject.status) == (.credit, "29.00", .cancelled))
    }

    @Test(
        arguments: [
            (1, "FACT-202611-0001"), (9_999, "FACT-202611-9999"), (10_000, "FACT-202611-10000"),
        ] as [(Int64, String)])
    func `A number has four digits, or as many as it needs`(place: Int64, expected: String) {
        let number = InvoiceNumber(place, in: CivilMonth(of: time("2026-11-30T23:59:59.999Z").day))
        #expect(number.rawValue == expected && InvoiceNumber(rawValue: expected) == number)
    }
}
