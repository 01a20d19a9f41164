import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

/// A shop whose every value is the largest that a client may send: nothing traps, and nothing is a fault of ours.
struct LargestValuesTests {
    private static let largest = JSON.integer(Quantity.largest)
    private static let money: JSON = "999999999999999.9999999999"

    @Test func `Every read and every job answers, before and after the periods' ends`() async throws {
        try await withTestAPI { api in
            try await Self.fill(api)
            try await Self.readEverything(api)
            for _ in 0..<2 {
                for job in ["rollover", "expiry", "overdue", "analytics"] {
                    #expect(try await api.send(.post, "/v1/admin/jobs/\(job)/run", as: "admin").status == 200, "\(job)")
                }
                try await Self.readEverything(api)
                api.clock.move(to: "2027-01-20T12:00:00Z")
            }
            let stuck = try await api.send(.get, "/v1/admin/jobs", as: "admin").json["data"]?.array?.map { $0["failed"] }
            #expect(stuck?.allSatisfy { $0 == [] } == true)
            let days = try await api.send(.get, "/v1/analytics/daily").json["data"]?.array
            #expect(days?.first?["tokens"] == Self.largest && days?.first?["queries"] == 1_026)
            try await Self.settleInvoices(api)
        }
    }

    private static func readEverything(_ api: TestAPI) async throws {
        for sample in InterfaceTests.samples where sample.method == .get {
            let who = sample.access == "admin" ? "admin" : "all"
            let answer = try await api.send(.get, sample.path, as: sample.access == "open" ? nil : who)
            #expect([200, 404, 422].contains(answer.status), "\(sample.path): \(answer.text)")
        }
        let queries = [
            "/v1/usage/u1/check?meter=tokens&amount=9007199254740991", "/v1/usage/u1/breakdown?meter=calls&group_by=a,reference_id",
            "/v1/usage/u1/breakdown?meter=tokens&from=2020-01-01T00:00:00Z", "/v1/subscriptions/u1?include_history=true",
            "/v1/billing/consumption?month=2026-11&user_id=u1", "/v1/users/u2",
        ]
        for query in queries { #expect(try await api.send(.get, query).status == 200, "\(query)") }
        for collection in ExportCollection.allCases {
            #expect(try await api.send(.get, "/v1/export/\(collection.rawValue)?format=csv").status == 200)
        }
    }

    /// The events of 1,026 users pass 2^63 together, as those of one user cannot.
    private static func fill(_ api: TestAPI) async throws {
        let plan: JSON = [
            "monthly_fee": money, "yearly_fee": money, "allowances": ["tokens": largest, "calls": 0], "rollover_caps": ["tokens": 0],
            "overage_prices": ["calls": "999999.9999999999"], "trial_days": 0,
        ]
        for user in ["u1", "u2"] {
            // With the free plan's allowance, the largest there may be.
            let pack: JSON = ["purchase_id": .string("b-\(user)"), "meter": "tokens", "amount": .integer(Quantity.largest - 100_000)]
            try await post(api, "/v1/usage/\(user)/purchases", pack)
        }
        #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
        try await post(api, "/v1/subscriptions", ["user_id": "u1", "action": "create", "plan_name": "pro", "billing_cycle": "monthly"])
        try await post(api, "/v1/subscriptions", ["user_id": "u2", "action": "create", "plan_name": "pro", "billing_cycle": "yearly"])
        try await post(api, "/v1/usage", ["user_id": "u1", "amount": 1, "occurred_at": "2026-11-09T10:00:00Z"])
        let event: JSON = ["user_id": "u1", "amount": largest, "meter": "calls", "dimensions": ["duration_ms": "9223372036854775807"]]
        try await post(api, "/v1/usage", event)
        try await post(api, "/v1/usage", ["user_id": "u1", "amount": largest, "meter": "x_characters"])
        try await post(api, "/v1/usage", ["user_id": "u2", "amount": largest, "occurred_at": "2026-11-09T10:00:00Z"])
        for range in [100..<1_000, 1_000..<1_126] {
            let events = range.map { user -> JSON in
                ["event_id": "e", "user_id": .string("v\(user)"), "amount": largest, "occurred_at": "2026-11-09T10:00:00Z"]
            }
            let batch = try await api.send(.post, "/v1/usage/batch", ["events": .array(events)])
            #expect(batch.json["results"]?.array?.allSatisfy { $0["status"] == "recorded" } == true)
        }
        try await post(
            api, "/v1/reservations", ["reservation_id": "r", "user_id": "u1", "meter": "tokens", "amount": .integer(Quantity.largest - 1)])
        try await post(api, "/v1/reservations/r/commit", ["event_id": "r1", "amount": 7, "final": false])
        try await post(api, "/v1/consumption", ["user_id": "u1", "endpoint": "/a", "api_calls": 1_000_000])
        try await fillWallets(api)
    }

    private static func fillWallets(_ api: TestAPI) async throws {
        let price: JSON = ["input_per_million": money, "output_per_million": money, "currency": "EUR"]
        #expect(try await api.send(.put, "/v1/models/m/price", price).status == 201)
        try await post(api, "/v1/users/u1/wallet", [:])
        try await post(api, "/v1/projects", ["project_id": "p", "creator_id": "u1"])
        try await post(api, "/v1/users/u1/wallet/credits", ["credit_id": "c", "amount": "999999999999980", "reason": "all"])
        #expect(try await api.send(.put, "/v1/users/u1/wallet/quota", ["is_pro": true, "monthly_quota": money]).status == 200)
        let charge: JSON = ["charge_id": "g", "user_id": "u1", "model": "m", "input_tokens": 1_000_000, "output_tokens": 0]
        try await post(api, "/v1/charges", charge)
        let all: JSON = ["user_id": "u1", "model": "m", "input_tokens": largest, "output_tokens": largest]
        for path in ["/v1/charges", "/v1/charges/estimate"] {
            #expect(try await api.send(.post, path, all).wrongFields == ["input_tokens"], "more than any wallet holds")
        }
        let unpaid: JSON = ["charge_id": "e", "user_id": "u3", "model": "m", "input_tokens": 999_999, "output_tokens": 0]
        #expect(try await api.send(.post, "/v1/charges", unpaid).status == 402)
    }

    private static func settleInvoices(_ api: TestAPI) async throws {
        let invoices = try await api.send(.get, "/v1/invoices").json["data"]?.array ?? []
        #expect(!invoices.isEmpty)
        for invoice in invoices {
            let path = "/v1/invoices/\(invoice["number"]?.string ?? "")"
            #expect(try await api.send(.get, path).status == 200)
            #expect(try await api.send(.post, "\(path)/payments", ["payment_reference": "x"]).status == 201)
            #expect(try await api.send(.post, "\(path)/refund", ["refund_id": .string(path)]).status < 300)
        }
        try await post(api, "/v1/subscriptions/u1/reset", [:])
        try await post(api, "/v1/subscriptions/u2/cancel", ["at": "now"])
        let change: JSON = [
            "user_id": "u1", "action": "change", "plan_name": "pro", "allocated_tokens": largest, "billing_cycle": "days:1",
        ]
        try await post(api, "/v1/subscriptions", change)
        try await readEverything(api)
    }

    private static func post(_ api: TestAPI, _ path: String, _ body: JSON) async throws {
        let answer = try await api.send(.post, path, body)
        #expect(answer.status < 300, "\(path): \(answer.text)")
    }
}
