import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

struct InvoiceRouteTests {
    @Test func `An invoice is overdue from its due day on, also before the job notes it`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1_000)
            _ = try await api.subscribe("u1", to: "pro")
            api.clock.advance(seconds: 31 * 86_400)
            try await api.rollOver()
            func statuses(_ query: String) async throws -> [JSON?] {
                try await api.send(.get, "/v1/invoices?user_id=u1\(query)").json["data"]?.array?.map { $0["status"] } ?? []
            }
            #expect(try await statuses("") == ["pending"])
            #expect(try await statuses("&status=pending") == ["pending"])
            #expect(try await statuses("&status=overdue") == [])
            api.clock.advance(seconds: 14 * 86_400)
            #expect(try await statuses("") == ["overdue"])
            #expect(try await statuses("&status=pending") == [])
            #expect(try await statuses("&status=overdue") == ["overdue"])
        }
    }

    /// A pending invoice of 29.00, for a plan of that display name.
    private func withInvoice(_ name: JSON = "Pro", _ body: (TestAPI, String) async throws -> Void) async throws {
        try await withTestAPI { api in
            let plan: JSON = ["display_name": name, "monthly_fee": "29.00", "allowances": ["tokens": 100]]
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
            _ = try await api.subscribe("u1", to: "pro")
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            let list = try await api.send(.get, "/v1/invoices?user_id=u1", as: "billing")
            try await body(api, try #require(list.json["data"]?.array?.first?["number"]?.string))
        }
    }

    @Test func `A closed period's invoice has its line, its days and its total`() async throws {
        try await withInvoice { api, number in
            let invoice = try await api.send(.get, "/v1/invoices/\(number)", as: "billing").json
            #expect(invoice["number"] == "FACT-202612-0001" && invoice["status"] == "pending" && invoice["kind"] == "period")
            #expect(invoice["total"] == "29.00" && invoice["currency"] == "EUR" && invoice["refunded"] == "0.00")
            #expect(invoice["issued_at"] == "2026-12-10T12:00:00.000Z" && invoice["due_at"] == "2026-12-24T12:00:00.000Z")
            let line = invoice["lines"]?.array?.first
            #expect(line?["type"] == "fee" && line?["amount"] == "29.00" && line?["period_start"] == "2026-11-10T12:00:00.000Z")
            #expect(try await api.send(.get, "/v1/invoices/FACT-202612-0002").code == "not_found")
            #expect(try await api.send(.get, "/v1/invoices/\(number)", as: "other").code == "not_found")
            #expect(try await api.send(.get, "/v1/invoices", as: "read").code == "forbidden")
        }
    }

    @Test func `An end user opens its own invoice, as a page too, and no other's`() async throws {
        try await withInvoice { api, number in
            let secret = try await api.secret()
            let token = { try TestToken.signed(TestToken.claims(["sub": $0, "exp": 1_800_000_000]), with: secret) }
            let (own, other) = (try token("u1"), try token("u2"))
            let path = "/v1/invoices/\(number)"
            #expect(try await api.send(.get, path, bearing: own).json["user_id"] == "u1")
            let page = try await api.send(.get, path, as: nil, headers: ["accept": "text/html", "authorization": "Bearer \(own)"])
            #expect(page.status == 200 && page.text.contains(number))
            #expect(try await api.send(.get, path, bearing: other).code == "not_found")
            #expect(try await api.send(.get, path + "?user_id=u2", as: "billing").code == "not_found")
            #expect(try await api.send(.get, path + "?user_id=u1", bearing: other).code == "forbidden")
        }
    }

    @Test func `A payment is made once, and then given back in parts`() async throws {
        try await withInvoice { api, number in
            let (payments, refund) = ("/v1/invoices/\(number)/payments", "/v1/invoices/\(number)/refund")
            let paid = try await api.send(.post, payments, as: "billing", ["payment_reference": "p1"])
            #expect(paid.status == 201 && paid.json["status"] == "paid" && paid.json["duplicate"] == false)
            let again = try await api.send(.post, payments, ["payment_reference": "p1"])
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["paid_at"] == paid.json["paid_at"])
            let other = try await api.send(.post, payments, ["payment_reference": "p2"])
            #expect(other.status == 409 && other.code == "invalid_transition")
            let part = try await api.send(.post, refund, ["amount": "9.00", "refund_id": "r1"])
            #expect(part.status == 201 && part.json["status"] == "paid" && part.json["refunded"] == "9.00")
            #expect(try await api.send(.post, refund, ["amount": "20.01", "refund_id": "r8"]).wrongFields == ["amount"])
            #expect(try await api.send(.post, refund, ["amount": "0.001", "refund_id": "r9"]).wrongFields == ["amount"])
            #expect(try await api.send(.post, refund, ["amount": "1.00"]).wrongFields == ["refund_id"], "twice would be two")
            let rest = try await api.send(.post, refund, [:], headers: ["idempotency-key": "r2"])
            #expect(rest.status == 201 && rest.json["status"] == "refunded")
            let repeated = try await api.send(.post, refund, [:], headers: ["idempotency-key": "r2"])
            #expect(repeated.status == 200 && repeated.json["duplicate"] == true)
            #expect(try await api.send(.post, refund, ["amount": "8.00", "refund_id": "r1"]).code == "idempotency_conflict")
            let log = try await api.send(.get, "/v1/transactions?user_id=u1", as: "billing").json["data"]?.array ?? []
            #expect(log.count == 3 && Set(log.compactMap { $0["type"]?.string }) == ["subscription", "refund"])
            #expect(log.allSatisfy { $0["invoice_number"] == .string(number) })
        }
    }

    @Test func `A cancellation with a key is answered again`() async throws {
        try await withInvoice { api, number in
            let path = "/v1/invoices/\(number)/cancel"
            let first = try await api.send(.post, path, [:], headers: ["idempotency-key": "c1"])
            #expect(first.status == 200 && first.json["status"] == "cancelled")
            let again = try await api.send(.post, path, [:], headers: ["idempotency-key": "c1"])
            #expect(again.status == 200 && again.json["duplicate"] == true)
            #expect(try await api.send(.post, path).code == "invalid_transition")
            #expect(try await api.send(.get, "/v1/transactions").json["data"]?.array?.map { $0["type"] } == ["credit"])
        }
    }

    @Test func `Lists go on where they ended, newest first, and are narrowed`() async throws {
        try await withInvoice { api, number in
            api.clock.move(to: "2027-02-10T12:00:00Z")
            try await api.rollOver()
            _ = try await api.send(.post, "/v1/invoices/\(number)/payments", ["payment_reference": "p"])
            let first = try await api.send(.get, "/v1/invoices?limit=2").json
            #expect(first["data"]?.array?.map { $0["number"] } == ["FACT-202702-0002", "FACT-202702-0001"])
            let cursor = try #require(first["next_cursor"]?.string)
            let rest = try await api.send(.get, "/v1/invoices?limit=2&cursor=\(cursor)").json
            #expect(rest["data"]?.array?.map { $0["number"] } == [.string(number)] && rest["next_cursor"] == .null)
            let paid = try await api.send(.get, "/v1/invoices?status=paid").json["data"]?.array
            #expect(paid?.map { $0["number"] } == [.string(number)])
            let job = try await api.send(.post, "/v1/admin/jobs/overdue/run", as: "admin", [:])
            #expect(job.status == 200 && job.json["invoices_overdue"] == 0)
            api.clock.move(to: "2027-02-24T12:00:00Z")
            let due = try await api.send(.post, "/v1/admin/jobs/overdue/run", as: "admin", [:])
            #expect(due.json["invoices_overdue"] == 2)
            #expect(try await api.send(.get, "/v1/invoices?status=overdue").json["data"]?.array?.count == 2)
        }
    }

    @Test func `A status shows the credit that is left`() async throws {
        try await withInvoice { api, first in
            #expect(try await api.send(.post, "/v1/invoices/\(first)/payments", ["payment_reference": "p"]).status == 201)
            try await api.putPlan("small", tokens: 10, fee: "9.00")
            try await api.putPlan("big", tokens: 10, fee: "39.00")
            #expect(try await api.subscribe("u1", to: "big", action: "upgrade").status == 200)
            let number = try await api.send(.get, "/v1/invoices?status=pending").json["data"]?.array?.first?["number"]?.string ?? ""
            #expect(try await api.send(.post, "/v1/invoices/\(number)/payments", ["payment_reference": "p"]).status == 201)
            #expect(try await api.subscribe("u1", to: "small", action: "downgrade").status == 200)
            #expect(
                try await api.send(.get, "/v1/subscriptions/u1").json["credit_balance"] == "1.00", "10.00 were paid for a period of 9.00")
        }
    }

    @Test func `A suspension makes no credit of what was not paid, and its end bills the rest`() async throws {
        try await withInvoice { api, _ in
            #expect(try await api.send(.post, "/v1/subscriptions/u1/suspend", ["reason": "unpaid"]).status == 200)
            #expect(try await api.send(.get, "/v1/subscriptions/u1").json["credit_balance"] == "0.00")
            #expect(try await api.send(.get, "/v1/transactions?user_id=u1", as: "billing").json["data"]?.array?.isEmpty == true)
            #expect(try await api.send(.post, "/v1/subscriptions/u1/resume").status == 200)
            let invoice = try await api.send(.get, "/v1/invoices", as: "billing").json["data"]?.array?.first
            #expect(invoice?["kind"] == "change" && invoice?["status"] == "pending" && invoice?["total"] == "29.00")
            #expect(try await api.send(.get, "/v1/subscriptions/u1").json["credit_balance"] == "0.00")
        }
    }

    @Test func `The page is one sheet of text, whatever names it is given`() async throws {
        try await withInvoice(#""><script>alert('&')</script>"#) { api, number in
            let page = try await api.send(.get, "/v1/invoices/\(number)", as: "billing", headers: ["accept": "text/html"])
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(!page.text.contains("<script") && page.text.contains("&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"))
            #expect(page.text.contains("10 December 2026") && page.text.contains("24 December 2026") && page.text.contains("acme"))
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"))
            #expect(page.text.contains("@page { size: A4") && !page.text.contains("style=") && !page.text.contains("href"))
        }
    }
}
