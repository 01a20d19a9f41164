import Foundation
import HTTP
import JSON
import Metering
import Service
import Store
import Testing

@testable import API

struct ExportRouteTests {
    private func fill(_ api: TestAPI) async throws {
        try await api.putPlan("pro", tokens: 1000)
        try await api.putPlan("max", tokens: 1000, fee: "49.00")
        for (user, invoice) in [("u1", "FACT-202611-0001"), ("u2", "FACT-202611-0002")] {
            _ = try await api.subscribe(user, to: "pro")
            _ = try await api.subscribe(user, to: "max", action: "upgrade")
            #expect(try await api.send(.post, "/v1/invoices/\(invoice)/payments", ["payment_reference": "p"]).status == 201)
            let event: JSON = [
                "event_id": "e1", "user_id": .string(user), "amount": 5, "description": "=SUM(A1), \"x\"", "dimensions": ["a": "b"],
                "occurred_at": user == "u1" ? "2026-11-09T00:00:00Z" : "2026-11-10T00:00:00Z",
            ]
            #expect(try await api.send(.post, "/v1/usage", event).status == 201)
            #expect(try await api.send(.post, "/v1/users/\(user)/wallet").status == 201)
            let bought: JSON = ["purchase_id": .string(user), "amount": 5, "price": "1.00"]
            #expect(try await api.send(.post, "/v1/usage/\(user)/purchases", bought).status == 201)
            let adjusted: JSON = ["adjustment_id": .string(user), "amount": 5, "reason": "goodwill"]
            #expect(try await api.send(.post, "/v1/usage/\(user)/adjustments", adjusted).status == 201)
            let void: JSON = ["void_id": .string(user), "amount": 1, "reason": "a mistake"]
            #expect(try await api.send(.post, "/v1/usage/\(user)/events/e1/void", void).status == 201)
            #expect(try await api.send(.put, "/v1/users/\(user)", ["name": "A user"]).status == 201)
            let calls: JSON = ["user_id": .string(user), "endpoint": "/a", "api_calls": 3]
            #expect(try await api.send(.post, "/v1/consumption", calls).status == 201)
        }
    }

    /// Of charges, calls, billing errors and credit notes there are none here, plans and prices are no user's, and the audit log has more than the users' own
    /// entries.
    private static let collections = ExportCollection.allCases.filter {
        ![.charges, .calls, .auditLog, .plans, .prices, .billingErrors, .creditNotes].contains($0)
    }

    @Test(arguments: collections)
    func `Each collection is exported as lines of JSON and as a table of the same rows`(collection: ExportCollection) async throws {
        try await withTestAPI { api in
            try await fill(api)
            let path = "/v1/export/\(collection.rawValue)"
            let lines = try await api.send(.get, path)
            #expect(lines.headers["content-type"] == "application/x-ndjson; charset=utf-8")
            let rows = try lines.lines.map { try JSON(parsing: Array($0.utf8)) }
            #expect(rows.map { $0["user_id"] } == ["u1", "u2"])
            let table = try await api.send(.get, "\(path)?format=csv")
            #expect(table.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(table.headers["content-disposition"] == "attachment; filename=\"\(collection.rawValue).csv\"")
            #expect(table.lines.count >= 3 && !table.text.contains("{") && !table.text.contains("["), "\(table.text)")
            let whole = try await api.send(.get, "\(path)?format=csv&nested=json")
            let names = try #require(rows.first?.object).fields.map(\.name)
            #expect(whole.lines.count == 3 && whole.lines.first.map(String.init) == names.joined(separator: ","))
            #expect(try await api.send(.get, path, headers: ["accept": "text/csv"]).text == table.text)
            #expect(try await api.send(.get, path, as: "other").text == "")
        }
    }

    @Test func `Events are those that happened in the range, and a formula is made harmless`() async throws {
        try await withTestAPI { api in
            try await fill(api)
            let late = try await api.send(.get, "/v1/export/usage_events?from=2026-11-10T00:00:00Z")
            let early = try await api.send(.get, "/v1/export/usage_events?to=2026-11-10T00:00:00Z&format=csv")
            #expect(late.lines.count == 1 && late.text.contains("\"u2\""))
            #expect(early.lines.count == 2 && early.text.contains("u1,tokens,5,2026-11-09T00:00:00.000"))
            #expect(early.text.contains("\"'=SUM(A1), \"\"x\"\"\",b,,"), "\(early.text)")
        }
    }

    @Test func `In a table objects have columns, dimensions too, and times are as spreadsheets or as RFC 3339 have them`() async throws {
        try await withTestAPI { api in
            for (id, dimensions) in [("e1", ["model": "m", "a.b": "x"] as JSON), ("e2", [:]), ("e3", ["voice": "v"])] {
                let event: JSON = ["event_id": .string(id), "user_id": "u", "amount": 2, "dimensions": dimensions]
                #expect(try await api.send(.post, "/v1/usage", event).status == 201)
            }
            let table = try await api.send(.get, "/v1/export/usage_events?format=csv&time_format=rfc3339").lines.map { Self.cells($0) }
            let names = try #require(table.first)
            #expect(
                Array(names.filter { $0.contains("dimensions") }) == [
                    "dimensions.a.b", "dimensions.model", "dimensions.voice", "other_dimensions",
                ])
            #expect(names.contains("breakdown.from_subscription") && table.allSatisfy { $0.count == names.count })
            let rows = table.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
            #expect(rows.map { $0["dimensions.a.b"] } == ["x", "", ""] && rows.map { $0["dimensions.voice"] } == ["", "", "v"])
            #expect(rows.map { $0["breakdown.from_subscription"] } == ["2", "2", "2"])
            #expect(rows.allSatisfy { $0["recorded_at"] == "2026-11-10T12:00:00.000Z" }, "\(rows)")
            let plain = try await api.send(.get, "/v1/export/usage_events?format=csv")
            #expect(plain.text.contains(",2026-11-10T12:00:00.000,"))
            let excel = try await api.send(.get, "/v1/export/usage_events?format=csv&time_format=excel")
            #expect(excel.text.contains(",2026-11-10 12:00:00,"))
        }
    }

    @Test func `A table has a row for each line of an invoice and each meter of an account, and a refund is below 0`() async throws {
        try await withTestAPI { api in
            try await fill(api)
            let other: JSON = ["event_id": "more", "user_id": "u1", "meter": "calls", "amount": 7]
            #expect(try await api.send(.post, "/v1/usage", other).status == 201)
            let meters = try await api.send(.get, "/v1/export/token_usage?format=csv").lines.map { Self.cells($0) }
            let name = try #require(meters.first?.firstIndex(of: "balances.name"))
            let used = try #require(meters.first?.firstIndex(of: "balances.used"))
            #expect(
                meters.dropFirst().map { "\($0[0]) \($0[name]) \($0[used])" } == [
                    "u1 tokens 4", "u1 api_calls 0", "u1 calls 0", "u2 tokens 4", "u2 api_calls 0",
                ], "\(meters)")
            let refund: JSON = ["refund_id": "r", "amount": "0.01", "reason": "goodwill"]
            #expect(try await api.send(.post, "/v1/invoices/FACT-202611-0001/refund", refund).status == 201)
            let invoices = try await api.send(.get, "/v1/invoices").json["data"]?.array ?? []
            let lines = invoices.compactMap { $0["lines"]?.array?.count }.reduce(0, +)
            let table = try await api.send(.get, "/v1/export/invoices?format=csv")
            #expect(table.lines.count == 1 + lines && lines > 2 && table.text.contains("lines.amount"), "\(table.text)")
            let money = try await api.send(.get, "/v1/export/transactions?format=csv")
            #expect(money.text.contains(",-0.01,"), "\(money.text)")
            #expect(try await api.send(.get, "/v1/export/transactions").text.contains("\"0.01\""))
        }
    }

    /// Of a line without quotes.
    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    @Test func `Subscriptions are those that were made in the range`() async throws {
        try await withTestAPI { api in
            try await fill(api)
            for (query, count) in [("from=2026-11-10T12:00:00Z", 2), ("to=2026-11-10T12:00:00Z", 0), ("from=2026-11-11T00:00:00Z", 0)] {
                #expect(try await api.send(.get, "/v1/export/subscriptions?\(query)").lines.count == count, "\(query)")
            }
            for (query, count) in [("from=2026-12-10T12:00:00Z", 0), ("to=2026-11-10T12:00:00Z", 0), ("from=2026-12-10T00:00:00Z", 2)] {
                #expect(try await api.send(.get, "/v1/export/token_usage?\(query)").lines.count == count, "\(query)")
            }
        }
    }

    @Test func `An export of many pages has every row once, in order`() async throws {
        try await withTestAPI { api in
            for user in ["a", "b"] {
                let events = (0..<600).map { ["event_id": .string("e\($0 + 1000)"), "user_id": .string(user), "amount": 1] as JSON }
                #expect(try await api.send(.post, "/v1/usage/batch", ["events": .array(events)]).status == 200)
            }
            var export = try await api.service.export(
                .usageEvents, of: try await api.service.shop(ShopID(stored: "acme")).tenant, as: .ndjson)
            var pages: [Int] = []
            var ids: [String] = []
            while let bytes = try await export.next() {
                let rows = try bytes.split(separator: 0x0A).map { try JSON(parsing: Array($0)) }
                pages.append(rows.count)
                ids += rows.compactMap { row in row["user_id"]?.string.map { $0 + (row["event_id"]?.string ?? "") } }
            }
            #expect(pages == [500, 500, 200] && export.rows == 1200)
            #expect(ids == ids.sorted() && Set(ids).count == 1200)
        }
    }

    @Test func `What cannot be exported is refused before anything is sent`() async throws {
        try await withTestAPI { api in
            let keys = try await api.send(.get, "/v1/export/api_keys")
            #expect(keys.code == "not_found")
            #expect(try await api.send(.get, "/v1/export/usage_events?format=xml").wrongFields == ["format"])
            #expect(try await api.send(.get, "/v1/export/usage_events?from=2026").wrongFields == ["from"])
            #expect(try await api.send(.get, "/v1/export/usage_events", as: "usage").code == "forbidden")
        }
    }

    @Test func `A charge's negative amount stays a number in a table`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let price: JSON = ["input_per_million": "1", "output_per_million": "1", "currency": "EUR"]
            #expect(try await api.send(.put, "/v1/models/m/price", price).status == 201)
            let charge: JSON = ["charge_id": "c", "user_id": "u1", "model": "m", "input_tokens": 2_500_000, "output_tokens": 0]
            #expect(try await api.send(.post, "/v1/charges", charge).status == 201)
            let table = try await api.send(.get, "/v1/export/wallet_entries?format=csv")
            #expect(table.lines.count == 3 && table.text.contains("u1,,2,charge,,c,-2.5000,7.5000,"))
        }
    }

    @Test func `Plans have a row for each meter, prices one for each class, tier and size, and billing errors say what lacked`()
        async throws
    {
        try await withTestAPI { api in
            let plan: JSON = [
                "display_name": "Pro", "monthly_fee": "9.00", "currency": "EUR", "allowances": ["tokens": 1000, "pages": .null],
                "rollover_caps": ["tokens": 50], "overage_prices": ["tokens": "0.01"], "plain_meters": ["calls"],
                "stripe_price_ids": ["price_1", "pro_m"],
            ]
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
            let rows = try await api.send(.get, "/v1/export/plans?format=csv").lines.map { Self.cells($0).joined(separator: ",") }
            let start = "pro,Pro,9.00,,EUR,billing_period,0,true,price_1; pro_m"
            #expect(
                Array(rows.dropFirst()) == [
                    "\(start),tokens,1000,50,0.01,false", "\(start),calls,,,,true", "\(start),pages,,,,false",
                ])
            let price: JSON = [
                "input_per_million": "1", "output_per_million": "4", "fallbacks": ["reasoning": "output"], "units": ["per_request": "0.01"],
                "classes": ["input": ["above": [["tokens": 200_000, "per_million": "2"]], "tiers": ["batch": ["per_million": "0.5"]]]],
            ]
            #expect(try await api.send(.put, "/v1/models/m/price", price).status == 201)
            let prices = try await api.send(.get, "/v1/export/prices?format=csv").lines
            let rates = ["input,standard,0,1.00", "input,standard,200000,2.00", "input,batch,0,0.50", "output,standard,0,4.00"]
            #expect(prices.count == 5 && zip(prices.dropFirst(), rates).allSatisfy { $0.contains($1) }, "\(prices)")
            #expect(prices[0].contains("units.per_request") && prices[0].contains("fallbacks.reasoning") && prices[1].contains(",output,"))
            let charge: JSON = ["charge_id": "c", "user_id": "u1", "model": "m", "input_tokens": 100, "output_tokens": 0]
            #expect(try await api.send(.post, "/v1/charges", charge).code == "insufficient_balance")
            let errors = try await api.send(.get, "/v1/export/billing_errors?format=csv").lines
            #expect(errors.count == 2 && errors[1].hasPrefix("c,c,u1,,m,100,0,"), "\(errors)")
            #expect(try await api.send(.get, "/v1/export/billing_errors?to=2026-01-01T00:00:00Z").text == "")
        }
    }

    @Test func `A key that may only read exports no money`() async throws {
        try await withTestAPI { api in
            try await fill(api)
            for collection in ExportCollection.allCases {
                let isAllowed = [
                    .subscriptions, .tokenUsage, .usageEvents, .purchases, .adjustments, .eventVoids, .auditLog, .users, .plans,
                ].contains(collection)
                let answer = try await api.send(.get, "/v1/export/\(collection.rawValue)", as: "read")
                let isThere = answer.text.contains(collection == .plans ? "\"pro\"" : "\"u1\"")
                #expect(answer.status == (isAllowed ? 200 : 403) && isThere == isAllowed, "\(collection)")
            }
        }
    }
}
