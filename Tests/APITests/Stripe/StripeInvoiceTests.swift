import HTTP
import JSON
import Metering
import Service
import Store
import Support
import Testing

@testable import API

/// Payments that name one of our invoices.
struct StripeInvoiceTests {
    private static let december = TestStripe.now + 30 * 86_400
    private static let number = "FACT-202612-0001"

    /// Stripe's invoice of 29.00, with some of its members changed.
    private static func paid(
        _ id: String, _ type: String = "payment_succeeded", created: Int64 = december, with changes: JSON.Object = [:],
        user: JSON? = "u1", number: JSON = .string(number)
    ) -> JSON {
        var metadata: JSON.Object = ["invoice_number": number]
        metadata["user_id"] = user
        var invoice: JSON.Object = ["id": "in_1", "amount_paid": 2900, "currency": "eur", "metadata": .object(metadata)]
        for field in changes.fields { invoice[field.name] = field.value }
        return TestStripe.event(id, "invoice.\(type)", created: created, .object(invoice))
    }

    /// A pending invoice of 29.00 of `u1`, at the start of its second period.
    private func withInvoice(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            #expect(try await api.status() == "active")
            #expect(try await invoice(api).status == .pending)
            try await body(api)
        }
    }

    private func invoice(_ api: TestAPI) async throws -> Invoice {
        try await api.service.invoice(InvoiceNumber(stored: Self.number), of: api.tenant)
    }

    private func deliver(_ event: JSON, to api: TestAPI) async throws -> TestAnswer {
        let signature = try TestStripe.header(of: event.encoded, at: Self.december)
        return try await api.send(.post, TestStripe.path, as: nil, event, headers: ["stripe-signature": signature])
    }

    @Test func `A payment pays the invoice that it names, once, whichever event tells it`() async throws {
        try await withInvoice { api in
            let first = try await deliver(Self.paid("e1"), to: api)
            #expect(first.json["outcome"] == "applied", "\(first.json)")
            let invoice = try await invoice(api)
            #expect(invoice.status == .paid && invoice.paymentReference == "in_1")
            let second = try await deliver(Self.paid("e2", "paid"), to: api)
            #expect(second.json["outcome"] == "ignored" && second.json["reason"]?.string?.contains("paid before") == true)
            let other = try await deliver(Self.paid("e3", with: ["id": "in_2"]), to: api)
            #expect(other.json["outcome"] == "ignored" && other.json["reason"]?.string?.contains("has no pay") == true)
            let transactions = try await api.service.page(of: TransactionList(of: nil), in: api.tenant, after: nil, limit: 10)
            #expect(transactions.map(\.transaction.amount.text) == ["29.00"])
        }
    }

    @Test func `Thirty-two events of one payment at once pay the invoice once`() async throws {
        try await withInvoice { api in
            let outcomes = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<32 {
                    group.addTask { try await self.deliver(Self.paid("e\(index / 2)"), to: api).json["outcome"]?.string }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == "applied" } == 1 && outcomes.count { $0 == "ignored" } == 15)
            let transactions = try await api.service.page(of: TransactionList(of: nil), in: api.tenant, after: nil, limit: 10)
            #expect(transactions.count == 1)
        }
    }

    @Test func `A late payment pays its invoice, though it moves the subscription nowhere`() async throws {
        try await withInvoice { api in
            let failed = TestStripe.invoice("e1", "payment_failed", created: Self.december + 10)
            #expect(try await deliver(failed, to: api).json["outcome"] == "applied")
            let late = try await deliver(Self.paid("e2"), to: api)
            #expect(late.json["outcome"] == "applied" && late.json["reason"] == "a later event was there before it")
            #expect(try await api.status() == "past_due")
            #expect(try await invoice(api).status == .paid)
        }
    }

    @Test func `A payment without a user pays too, and a canceled user's as well`() async throws {
        try await withInvoice { api in
            let answer = try await deliver(Self.paid("e1", user: nil), to: api)
            #expect(answer.json["outcome"] == "applied" && answer.json["reason"] == "no metadata names a user_id")
            #expect(try await invoice(api).status == .paid)
        }
        try await withInvoice { api in
            let canceled = try await api.send(.post, "/v1/subscriptions/u1/cancel", ["at": "now"])
            #expect(canceled.status == 200)
            #expect(try await deliver(Self.paid("e1"), to: api).json["outcome"] == "applied")
            #expect(try await invoice(api).status == .paid)
        }
    }

    @Test func `What does not name an invoice of the user's, or is less than its total, pays none`() async throws {
        try await withInvoice { api in
            let events = [
                Self.paid("e1", number: "FACT-202612-0002"), Self.paid("e2", user: "u2"), Self.paid("e3", with: ["amount_paid": 2899]),
                Self.paid("e4", with: ["currency": "usd"]), Self.paid("e5", with: ["currency": "jpy"]), Self.paid("e6", number: nil),
                Self.paid("e7", number: ["$ne": "x"]), Self.paid("e8", with: ["amount_paid": "2900"]), Self.paid("e9", with: ["id": 5]),
                Self.paid("e10", "payment_failed"), Self.paid("e11", "finalized"),
            ]
            for event in events {
                let answer = try await deliver(event, to: api)
                #expect(answer.status == 200, "\(event)")
            }
            #expect(try await invoice(api).status == .pending)
        }
    }
}
