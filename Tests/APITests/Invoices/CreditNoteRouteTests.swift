import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

struct CreditNoteRouteTests {
    private func withInvoices(_ body: (TestAPI, [String]) async throws -> Void) async throws {
        try await withTestAPI { api in
            let rates: JSON = [["name": "TVA", "percent": "20"]]
            #expect(try await api.send(.patch, "/v1/shop", ["seller": ["name": "Acme SAS"], "tax_rates": rates]).status == 200)
            try await api.putPlan("pro", tokens: 100)
            #expect(try await api.send(.put, "/v1/users/u1", ["name": "Ann"]).status == 201)
            for user in ["u1", "u2"] { _ = try await api.subscribe(user, to: "pro") }
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            let numbers = try await ["u1", "u2"].asyncMap { user in
                try await api.send(.get, "/v1/invoices?user_id=\(user)").json["data"]?.array?.first?["number"]?.string ?? ""
            }
            try await body(api, numbers)
            var differences: [String] = []
            _ = try await api.service.audit(of: ShopID(stored: "acme")) {
                differences.append("\($0)")
            } progress: { _ in
            }
            #expect(differences == [])
        }
    }

    @Test func `A refund has a credit note with its part of the tax, and a cancellation one of all`() async throws {
        try await withInvoices { api, numbers in
            let (paid, open) = ("/v1/invoices/\(numbers[0])", "/v1/invoices/\(numbers[1])")
            #expect(try await api.send(.post, "\(paid)/payments", ["payment_reference": "p"]).json["credit_note"] == .null)
            let part = try await api.send(.post, "\(paid)/refund", ["amount": "10.00", "refund_id": "r1"])
            #expect(part.json["credit_note"] == "AVOIR-202612-0001" && part.json["total"] == "34.80")
            let again = try await api.send(.post, "\(paid)/refund", ["amount": "10.00", "refund_id": "r1"])
            #expect(again.status == 200 && again.json["credit_note"] == "AVOIR-202612-0001")
            #expect(try await api.send(.post, "\(paid)/refund", ["refund_id": "r2"]).json["credit_note"] == "AVOIR-202612-0002")
            #expect(try await api.send(.post, "\(open)/cancel").json["credit_note"] == "AVOIR-202612-0003")
            let list = try await api.send(.get, "/v1/credit-notes").json["data"]?.array ?? []
            #expect(list.map { $0["amount"] } == ["34.80", "24.80", "10.00"] && list.map { $0["tax"] } == ["5.80", "4.13", "1.67"])
            #expect(list.map { $0["reason"] } == ["cancellation", "refund", "refund"])
            #expect(try await api.send(.get, "/v1/credit-notes?user_id=u2").json["data"]?.array?.count == 1)
            #expect(try await api.send(.get, "/v1/credit-notes?invoice_number=\(numbers[0])").json["data"]?.array?.count == 2)
            let note = try await api.send(.get, "/v1/credit-notes/AVOIR-202612-0001").json
            #expect(note["refund_id"] == "r1" && note["subtotal"] == "8.33" && note["invoice_number"] == .string(numbers[0]))
            #expect(note["seller"]?["name"] == "Acme SAS" && note["customer"]?["name"] == "Ann")
            let html: KeyValuePairs = ["accept": "text/html"]
            let page = try await api.send(.get, "/v1/credit-notes/AVOIR-202612-0001", headers: html).text
            for words in ["AVOIR-202612-0001", numbers[0], "Acme SAS", "Ann", "1.67 EUR", "10.00 EUR"] { #expect(page.contains(words)) }
            let invoice = try await api.send(.get, paid, headers: html).text
            #expect(invoice.contains("Credit note AVOIR-202612-0001") && invoice.contains("Credit note AVOIR-202612-0002"))
            #expect(try await api.send(.get, "/v1/credit-notes/AVOIR-202612-0009").code == "not_found")
            #expect(try await api.send(.get, "/v1/credit-notes/AVOIR-202612-0001", as: "other").code == "not_found")
            #expect(try await api.send(.get, "/v1/export/credit_notes?format=csv").text.contains("AVOIR-202612-0003"))
        }
    }

    @Test func `An open invoice that a downgrade lowers has a credit note, and its erased user's has no name`() async throws {
        try await withInvoices { api, _ in
            try await api.putPlan("max", tokens: 1_000, fee: "59.00")
            _ = try await api.subscribe("u1", to: "max", action: "upgrade")
            _ = try await api.subscribe("u1", to: "pro", action: "downgrade")
            let notes = try await api.send(.get, "/v1/credit-notes").json["data"]?.array ?? []
            #expect(notes.map { $0["reason"] } == ["reduction"] && notes.map { $0["amount"] } == ["36.00"])
            #expect(notes.first?["description"]?.string?.contains("the rest of the period costs less") == true)
            let token = try await api.send(.delete, "/v1/users/u1", as: "manage").json["erased_as"] ?? .null
            let kept = try await api.send(.get, "/v1/credit-notes").json["data"]?.array?.first
            #expect(kept?["user_id"] == token && kept?["customer"]?["name"] == .null)
        }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
