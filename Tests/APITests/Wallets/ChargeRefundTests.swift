import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

struct ChargeRefundTests {
    /// A model that costs 1 a million tokens, and a wallet of the user's with 10.
    private func withWallet(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            let price: JSON = ["input_per_million": "1", "output_per_million": "1"]
            #expect(try await api.send(.put, "/v1/models/m/price", price).status == 201)
            #expect(try await api.send(.post, "/v1/users/u/wallet").status == 201)
            try await body(api)
            var findings: [AuditFinding] = []
            _ = try await api.service.audit(of: ShopID(stored: "acme"), found: { findings.append($0) }, progress: { _ in })
            #expect(findings == [])
        }
    }

    private func charge(_ api: TestAPI, _ id: String, _ millions: Int64, project: String? = nil) async throws -> TestAnswer {
        var body: JSON.Object = [
            "charge_id": .string(id), "user_id": "u", "model": "m", "input_tokens": .integer(millions * 1_000_000), "output_tokens": 0,
        ]
        if let project { body["project_id"] = .string(project) }
        return try await api.send(.post, "/v1/charges", .object(body))
    }

    private func refund(_ api: TestAPI, _ charge: String, _ body: JSON.Object) async throws -> TestAnswer {
        try await api.send(.post, "/v1/charges/\(charge)/refund", .object(body))
    }

    @Test func `A charge goes back to the wallet that paid, once for the refund's id, and never more than it was`() async throws {
        try await withWallet { api in
            _ = try await charge(api, "c", 4)
            let made = try await refund(api, "c", ["refund_id": "r", "amount": "1.50", "reason": "the model failed"])
            #expect(made.status == 201 && made.json["amount"] == "1.5000" && made.json["refunded"] == "1.5000")
            #expect(
                made.json["returned_to"] == "user" && made.json["balance_after"] == "7.5000" && made.json["reason"] == "the model failed")
            let again = try await refund(api, "c", ["refund_id": "r", "amount": "1.50"])
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["balance_after"] == "7.5000")
            #expect(try await refund(api, "c", ["refund_id": "r", "amount": "1.60"]).code == "idempotency_conflict")
            #expect(try await refund(api, "c", ["amount": "1"]).wrongFields == ["refund_id"])
            #expect(try await refund(api, "c", ["refund_id": "s", "amount": "2.51"]).wrongFields == ["amount"])
            #expect(try await refund(api, "c", ["refund_id": "s"]).json["amount"] == "2.5000")
            #expect(try await refund(api, "c", ["refund_id": "t"]).code == "conflict")
            #expect(try await refund(api, "nothing", ["refund_id": "t"]).status == 404)
            #expect(try await api.send(.get, "/v1/users/u/wallet").json["balance"] == "10.0000")
            let entries = try await api.send(.get, "/v1/users/u/wallet/entries").json["data"]?.array ?? []
            #expect(entries.map { $0["reason"] } == ["refund", "the model failed", "ai_usage_personal", "initial_credit"])
            let log = try await api.send(.get, "/v1/audit-log?action=charge.refund").json["data"]?.array
            #expect(log?.map { $0["target"] } == ["c", "c"] && log?.last?["reason"] == "the model failed")
            #expect(try await api.send(.get, "/v1/charges?user_id=u").json["data"]?.array?.map { $0["charge_id"] } == ["c"])
            #expect(try await api.send(.get, "/v1/export/charges").lines.count == 1)
        }
    }

    @Test func `The balance gets back what it paid before the quota does`() async throws {
        try await withWallet { api in
            _ = try await api.send(.put, "/v1/users/u/wallet/quota", ["is_pro": true, "monthly_quota": "3.00"])
            _ = try await charge(api, "c", 5)
            let first = try await refund(api, "c", ["refund_id": "r", "amount": "2.50"])
            #expect(first.json["to_balance"] == "2.0000" && first.json["to_quota"] == "0.5000" && first.json["balance_after"] == "10.0000")
            #expect(try await refund(api, "c", ["refund_id": "s"]).json["returned_to"] == "quota")
            let wallet = try await api.send(.get, "/v1/users/u/wallet").json
            #expect(wallet["quota_used"] == "0.0000" && wallet["cycle_start"] == "2026-11-01T00:00:00.000Z")
            #expect(wallet["cycle_end"] == "2026-12-01T00:00:00.000Z" && wallet["initial_credit_granted"] == true)
        }
    }

    @Test func `A project's history shows what fell to the user, and a refund goes to who paid`() async throws {
        try await withWallet { api in
            _ = try await api.send(.post, "/v1/projects", ["project_id": "p", "creator_id": "u"])
            _ = try await charge(api, "paid", 18, project: "p")
            _ = try await charge(api, "fell", 5, project: "p")
            let history = try await api.send(.get, "/v1/projects/p/wallet/entries").json["data"]?.array ?? []
            #expect(history.map { $0["reason"] } == ["ai_usage_user_fallback", "ai_usage", "first_project_credit"])
            #expect(history[0]["charge_id"] == "fell" && history[0]["fallback_user_id"] == "u" && history[0]["fallback_cost"] == "5.0000")
            #expect(history[0]["amount"] == "0.0000" && history[0]["balance_after"] == "2.0000")
            let own = try await api.send(.get, "/v1/users/u/wallet/entries").json["data"]?.array ?? []
            #expect(own.map { $0["reason"] } == ["ai_usage_user_fallback", "initial_credit"])
            #expect(try await refund(api, "fell", ["refund_id": "r"]).json["returned_to"] == "user")
            #expect(try await refund(api, "paid", ["refund_id": "s"]).json["returned_to"] == "project")
            #expect(try await api.send(.get, "/v1/projects/p/wallet").json["balance"] == "20.0000")
        }
    }

    @Test func `A billing error names what was required and both balances`() async throws {
        try await withWallet { api in
            _ = try await api.send(.post, "/v1/projects", ["project_id": "p", "creator_id": "u"])
            #expect(try await charge(api, "c", 21, project: "p").status == 402)
            #expect(try await charge(api, "d", 11).status == 402)
            let errors = try await api.send(.get, "/v1/billing-errors").json["data"]?.array ?? []
            let byID = Dictionary(errors.map { ($0["charge_id"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
            let project = try #require(byID["c"])
            #expect(project["scope"] == "project" && project["scope_id"] == "p" && project["error_type"] == "insufficient_balance")
            #expect(
                project["message"] == "21.0000 EUR are required: the project p has 20.0000, the user u has 10.0000.",
                "\(project["message"] ?? .null)")
            #expect(byID["d"]?["scope"] == "user" && byID["d"]?["scope_id"] == "u" && byID["d"]?["project_balance"] == .null)
        }
    }
}
