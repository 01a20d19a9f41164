import BSON
import Metering
import Service
import ServiceSupport
import Support
import Testing

/// A user's invoices, transactions and credit against one another.
struct BillAuditTests {
    private static let user = UserID(stored: "u")
    private static let paid = "FACT-202612-0001"
    private static let cancelled = "FACT-202612-0002"

    /// What is changed behind the service's back, and what an audit says of it.
    static let tamperings: [Tampering] = [
        invoice(paid, ["$set": ["total": decimal("5")]], ["invoice \(paid).total"]),
        invoice(
            paid, ["$set": ["lines.0.amount": decimal("30")]],
            ["invoice \(paid).total", "invoice \(paid) payments", "invoice \(paid) credit notes", "period 1 invoice"]),
        invoice(paid, ["$set": ["status": "overdue"]], ["invoice \(paid) payments"]),
        invoice(paid, ["$set": ["status": "refunded"]], ["invoice \(paid).status"]),
        invoice(paid, ["$set": ["refunded": decimal("3")]], ["invoice \(paid).refunded", "invoice \(paid) credit notes"]),
        invoice(paid, ["$set": ["credit_used": decimal("3")]], ["credit_balance EUR"]),
        invoice(paid, ["$set": ["period_number": .int64(9)]], ["period 1 invoice", "period 9 invoice"]),
        invoice(paid, ["$set": ["lines": 5]], ["stored document"]),
        invoice(cancelled, ["$set": ["status": "pending"]], ["invoice \(cancelled) credits", "invoice \(cancelled) credit notes"]),
        Tampering("transactions", ["type": "subscription"], ["$set": ["amount": decimal("5")]], ["invoice \(paid) payments"]),
        Tampering("transactions", ["type": "refund"], ["$set": ["amount": decimal("5")]], ["invoice \(paid).refunded"]),
        Tampering(
            "transactions", ["type": "refund"], ["$set": ["invoice_number": "FACT-203001-0001"]],
            ["invoice \(paid).refunded", "invoice FACT-203001-0001"]),
        Tampering(
            "transactions", ["type": "credit", "invoice_number": .null], ["$set": ["amount": decimal("0.01")]], ["credit_balance EUR"]),
        Tampering("credit_notes", ["invoice_number": .string(paid)], ["$set": ["amount": decimal("5")]], ["invoice \(paid) credit notes"]),
        Tampering(
            "credit_notes", ["invoice_number": .string(paid)], ["$set": ["invoice_number": "FACT-203001-0001"]],
            ["invoice \(paid) credit notes", "invoice FACT-203001-0001"]),
        Tampering("subscriptions", [:], ["$set": ["credit_balance": decimal("0")]], ["credit_balance EUR"]),
        Tampering("subscriptions", [:], ["$set": ["currency": "USD"]], ["credit_balance EUR", "credit_balance USD"]),
        Tampering("period_closes", ["_id.period_number": .int64(2)], ["$set": ["billed": decimal("10")]], ["period 2 invoice"]),
    ]

    private static func invoice(_ number: String, _ update: Document, _ fields: [String]) -> Tampering {
        Tampering("invoices", ["_id.number": .string(number)], update, fields)
    }

    private static func decimal(_ text: String) -> Value { Decimal128(text).map { .decimal($0) } ?? .null }

    @Test func `An audit finds each tampering with a bill, and nothing where there was none`() async throws {
        try await withTestService { test in
            try await fill(test)
            #expect(try await test.invoices().map(\.status) == [.paid, .cancelled, .paid, .paid], "credit has paid the third")
            #expect(try await test.audit().findings == [])
            for tampering in Self.tamperings {
                try await tampering.apply(to: test.database) {
                    let findings = try await test.audit().findings
                    #expect(Set(findings.map(\.difference.field)) == Set(tampering.fields), "\(tampering)")
                    #expect(findings.allSatisfy { $0.owner == .user(Self.user) })
                }
            }
            #expect(try await test.audit().findings == [])
        }
    }

    /// An invoice that is paid and partly given back, one that is cancelled, one that credit has paid, and credit.
    private func fill(_ test: TestService) async throws {
        _ = try await test.subscribe("u", to: TestService.pro)
        test.clock.advance(days: 5)
        _ = try await test.subscribe("u", to: TestService.basic, action: .downgrade)
        test.clock.move(to: "2026-12-15T12:00:00Z")
        _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
        _ = try await test.service.payInvoice(InvoiceNumber(stored: Self.paid), reference: "p", of: test.tenant)
        let part = Money("2.00")
        _ = try await test.service.refundInvoice(InvoiceNumber(stored: Self.paid), part, as: RefundID(stored: "r"), of: test.tenant)
        _ = try await test.service.cancelInvoice(InvoiceNumber(stored: Self.cancelled), of: test.tenant)
        test.clock.move(to: "2027-01-12T12:00:00Z")
        _ = try await test.subscribe("u", to: TestService.basic, action: .downgrade)
        _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
        let upgrade = try #require(try await test.invoices().last)
        _ = try await test.service.payInvoice(upgrade.number, reference: "q", of: test.tenant)
        _ = try await test.service.moveSubscription(of: Self.user, in: test.tenant, .suspend(reason: "r"))
    }
}
