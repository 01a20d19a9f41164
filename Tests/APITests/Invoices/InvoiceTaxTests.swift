import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

/// Sellers, customers and taxes on invoices.
struct InvoiceTaxTests {
    private static let seller: JSON = [
        "name": "Acme SAS", "address": ["line1": "1 rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"],
        "tax_id": "FR32123456789",
    ]
    private static let rates: JSON = [
        ["country": "FR", "name": "TVA", "percent": "20"], ["country": "DE", "name": "MwSt", "percent": 19, "inclusive": true],
        ["country": nil, "percent": .number("7.5")],
    ]

    private func withShop(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            let set = try await api.send(.patch, "/v1/shop", as: "manage", ["seller": Self.seller, "tax_rates": Self.rates])
            #expect(set.status == 200 && set.json["seller"] == Self.seller)
            #expect(set.json["tax_rates"]?.array?.map { $0["percent"] } == ["20.00", "19.00", "7.50"])
            let plan: JSON = [
                "monthly_fee": "29.00", "allowances": ["tokens": 100], "overage_prices": ["tokens": "0.01"],
            ]
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
            try await body(api)
        }
    }

    private func user(_ id: String, _ profile: JSON, in api: TestAPI) async throws {
        #expect(try await api.send(.put, "/v1/users/\(id)", profile).status == 201)
        _ = try await api.subscribe(id, to: "pro")
    }

    private func invoice(of user: String, in api: TestAPI) async throws -> JSON {
        let list = try await api.send(.get, "/v1/invoices?user_id=\(user)").json["data"]?.array
        return try #require(list?.first)
    }

    @Test func `An invoice has a line for each rate of the customer's country, and both names, as they were at its issue`() async throws {
        try await withShop { api in
            try await user("fr", ["name": "Ann <b>", "address": ["line1": "2 quai", "country": "FR"], "tax_id": "FR1"], in: api)
            try await user("de", ["address": ["country": "DE"]], in: api)
            _ = try await api.subscribe("us", to: "pro")
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            _ = try await api.send(.patch, "/v1/shop", ["seller": ["name": "Other"], "tax_rates": []])
            _ = try await api.send(.put, "/v1/users/fr", ["name": "Later"])
            let french = try await invoice(of: "fr", in: api)
            #expect(french["total"] == "34.80" && french["subtotal"] == "29.00" && french["tax"] == "5.80")
            let line: JSON = ["name": "TVA", "percent": "20.00", "inclusive": false, "taxable": "29.00", "amount": "5.80"]
            #expect(french["taxes"] == [line] && french["tax_exemption"] == .null && french["seller"] == Self.seller)
            #expect(french["customer"] == ["name": "Ann <b>", "address": ["line1": "2 quai", "country": "FR"], "tax_id": "FR1"])
            let german = try await invoice(of: "de", in: api)
            #expect(german["total"] == "29.00" && german["subtotal"] == "24.37" && german["tax"] == "4.63")
            let other = try await invoice(of: "us", in: api)
            #expect(other["total"] == "31.18" && other["taxes"]?.array?.first?["name"] == "VAT" && other["customer"]?["name"] == .null)
            let page = try await api.send(
                .get, "/v1/invoices/\(french["number"]?.string ?? "")", headers: ["accept": "text/html"]
            ).text
            for words in ["Acme SAS", "1 rue de Rivoli", "FR32123456789", "Ann &lt;b&gt;", "TVA 20.00 %", "5.80 EUR", "34.80 EUR"] {
                #expect(page.contains(words), "\(words)")
            }
        }
    }

    @Test func `A page is in the customer's language, with its numbers and dates`() async throws {
        try await withShop { api in
            let profile: JSON = ["name": "Zoé", "address": ["country": "FR"], "language": "fr"]
            #expect(try await api.send(.put, "/v1/users/fr", profile).status == 201)
            try await api.putPlan("large", tokens: 1_000, fee: "12345.60")
            _ = try await api.subscribe("fr", to: "large")
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            let number = try #require(try await invoice(of: "fr", in: api)["number"]?.string)
            func page(_ more: String) async throws -> String {
                try await api.send(.get, "/v1/invoices/\(number)\(more)", headers: ["accept": "text/html"]).text
            }
            let french = try await page("")
            for words in [
                "lang=\"fr\"", "Facture", "à payer", "Échéance", "large\u{A0}: abonnement de la période", "10 décembre 2026",
                "12\u{202F}345,60",
                "Total TTC", "TVA 20,00\u{A0}%", "10 novembre au 10 décembre 2026",
            ] {
                #expect(french.contains(words), "\(words)")
            }
            let english = try await page("?language=en")
            for words in ["lang=\"en\"", "Invoice", "large: fee for the period", "10 December 2026", "12,345.60", "TVA 20.00 %"] {
                #expect(english.contains(words), "\(words)")
            }
            #expect(try await api.send(.post, "/v1/invoices/\(number)/cancel", [:]).status == 200)
            let notes = try await api.send(.get, "/v1/credit-notes?invoice_number=\(number)").json["data"]?.array
            let note = try #require(notes?.first?["number"]?.string)
            let credit = try await api.send(.get, "/v1/credit-notes/\(note)", headers: ["accept": "text/html"]).text
            for words in ["Avoir", "Annulation", "Facture d’origine", number] { #expect(credit.contains(words), "\(words)") }
        }
    }

    @Test func `Rates by hand and an exemption come before the country's`() async throws {
        try await withShop { api in
            let byHand: JSON = [["name": "GST", "percent": "5"], ["name": "PST", "percent": "7"]]
            try await user("hand", ["address": ["country": "FR"], "tax_rates": byHand], in: api)
            try await user("none", ["address": ["country": "FR"], "tax_rates": []], in: api)
            try await user("free", ["address": ["country": "DE"], "tax_id": "DE9", "tax_exemption": "Reverse charge & Art. 196"], in: api)
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            let hand = try await invoice(of: "hand", in: api)
            #expect(hand["taxes"]?.array?.map { $0["amount"] } == ["1.45", "2.03"] && hand["total"] == "32.48")
            let none = try await invoice(of: "none", in: api)
            #expect(none["taxes"] == [] && none["total"] == "29.00")
            let free = try await invoice(of: "free", in: api)
            #expect(free["total"] == "29.00" && free["tax"] == "0.00" && free["tax_exemption"] == "Reverse charge & Art. 196")
            let page = try await api.send(.get, "/v1/invoices/\(free["number"]?.string ?? "")", headers: ["accept": "text/html"])
            #expect(page.text.contains("No tax: Reverse charge &amp; Art. 196"))
        }
    }

    @Test func `Payments, refunds, credit and the audit agree on taxed invoices`() async throws {
        try await withShop { api in
            try await user("fr", ["address": ["country": "FR"]], in: api)
            try await api.putPlan("max", tokens: 1_000, fee: "59.00")
            _ = try await api.record("fr", "e1", 333)
            let upgraded = try await api.subscribe("fr", to: "max", action: "upgrade")
            #expect(upgraded.status == 200)
            // The overage of the stretch, and the rise of the price.
            let open = try await api.send(.get, "/v1/invoices?user_id=fr").json["data"]?.array ?? []
            #expect(open.compactMap { $0["total"]?.string }.sorted() == ["2.80", "36.00"])
            for invoice in open {
                let path = "/v1/invoices/\(invoice["number"]?.string ?? "")/payments"
                #expect(try await api.send(.post, path, ["payment_reference": "p"]).status == 201)
            }
            let log = try await api.send(.get, "/v1/transactions?user_id=fr").json["data"]?.array ?? []
            #expect(Set(log.compactMap { $0["type"]?.string }) == ["subscription", "overage"])
            _ = try await api.subscribe("fr", to: "pro", action: "downgrade")
            #expect(try await api.send(.get, "/v1/subscriptions/fr").json["credit_balance"] == "1.00", "before tax")
            api.clock.move(to: "2027-01-10T12:00:00Z")
            try await api.rollOver()
            let last = try await api.send(.get, "/v1/invoices?user_id=fr&status=pending").json["data"]?.array?.first
            #expect(last?["total"] == "33.60", "29.00 for the second month, less the 1.00 of credit that the first has left, and 20 %")
            let paid = try #require(open.first { $0["total"] == "36.00" }?["number"]?.string)
            let refund = try await api.send(.post, "/v1/invoices/\(paid)/refund", ["refund_id": "r", "amount": "36.00"])
            #expect(refund.json["status"] == "refunded")
            var differences: [String] = []
            _ = try await api.service.audit(of: ShopID(stored: "acme")) {
                differences.append("\($0)")
            } progress: { _ in
            }
            #expect(differences == [])
        }
    }

    @Test func `An erased user's invoices keep their taxes, and no name`() async throws {
        try await withShop { api in
            try await user("fr", ["name": "Ann", "address": ["country": "FR"]], in: api)
            api.clock.move(to: "2026-12-10T12:00:00Z")
            try await api.rollOver()
            let token = try await api.send(.delete, "/v1/users/fr", as: "manage").json["erased_as"]?.string ?? ""
            let invoice = try await invoice(of: token, in: api)
            #expect(invoice["total"] == "34.80" && invoice["customer"] == ["name": nil, "address": nil, "tax_id": nil])
        }
    }

    @Test(
        arguments: [
            (["tax_rates": [["percent": "101"]]], "tax_rates[0].percent"),
            (["tax_rates": [["percent": "0.00001"]]], "tax_rates[0].percent"),
            (["tax_rates": [["percent": "x"]]], "tax_rates[0].percent"), (["tax_rates": [["country": "FR"]]], "tax_rates[0].percent"),
            (["tax_rates": [["country": "France", "percent": "1"]]], "tax_rates[0].country"), (["seller": ["vat": "x"]], "seller.vat"),
            (["seller": ["address": ["country": "fr"]]], "seller.address.country"),
        ] as [(JSON, String)])
    func `What is wrong is named`(_ body: JSON, _ field: String) async throws {
        try await withTestAPI { api in
            let answer = try await api.send(.patch, "/v1/shop", body)
            #expect(answer.wrongFields == [field])
        }
    }
}
