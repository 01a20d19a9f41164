import HTTP
import JSON
import Metering
import Support
import Testing
import Web

@testable import API

/// No POST ignores an `Idempotency-Key` in silence.
struct IdempotencyTests {
    private static let key: KeyValuePairs<String, String> = ["idempotency-key": "k1"]

    @Test func `Each POST honours the key, or refuses it by its name`() async throws {
        try await withTestAPI { api in
            var refusing: [String] = []
            for sample in InterfaceTests.samples where sample.method == .post {
                let path = sample.path.split(separator: "/").map(String.init)
                guard case .found(let prepared, _) = api.table.match(.post, path) else { continue }
                let who = ["admin", "open"].contains(sample.access) ? "admin" : "all"
                let body: JSON? = if case .raw = prepared.route.body { nil } else { [:] }
                let answer = try await api.send(.post, sample.path, as: who, body, headers: Self.key)
                if answer.wrongFields.contains("Idempotency-Key") { refusing.append(prepared.route.pattern) }
            }
            #expect(
                refusing.sorted() == [
                    "/v1/admin/jobs/{name}/run", "/v1/admin/shops/{shop_id}/clock", "/v1/calls/estimate", "/v1/charges/estimate",
                    "/v1/invoices/{number}/payments", "/v1/portal-sessions", "/v1/reservations/{reservation_id}/release",
                    "/v1/subscriptions/preview", "/v1/webhooks/stripe/{shop_id}",
                ])
        }
    }

    @Test func `Three resets with one key are one, with the first answer, and close one period`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            api.clock.move(to: "2026-11-12T00:00:00Z")
            func reset(_ key: String) async throws -> TestAnswer {
                try await api.send(.post, "/v1/subscriptions/u1/reset", [:], headers: ["idempotency-key": key])
            }
            let first = try await reset("r1")
            #expect(first.status == 200 && first.json["action_performed"] == "reset" && first.json["duplicate"] == nil)
            var expected = try #require(first.json.object)
            expected["duplicate"] = true
            for _ in 0..<2 { #expect(try await reset("r1").json == .object(expected)) }
            #expect(try await api.send(.get, "/v1/invoices").json["data"]?.array?.count == 1)
            #expect(try await api.send(.get, "/v1/usage/u1").json["monthly_summary"]?.array?.count == 1)
            api.clock.move(to: "2026-11-13T00:00:00Z")
            #expect(try await reset("r2").json["duplicate"] == nil)
            #expect(try await api.send(.get, "/v1/invoices").json["data"]?.array?.count == 2)
        }
    }

    @Test func `Every step of a subscription, a wallet and a billing error is done once for its key`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            let steps: [(path: String, body: JSON, other: JSON?)] = [
                ("subscriptions/u1/suspend", ["reason": "unpaid"], ["reason": "other"]), ("subscriptions/u1/resume", [:], nil),
                ("subscriptions/u1/cancel", ["at": "period_end"], ["at": "now"]), ("users/u1/wallet", [:], nil),
            ]
            for (number, step) in steps.enumerated() {
                let headers: KeyValuePairs<String, String> = ["idempotency-key": "s\(number)"]
                let first = try await api.send(.post, "/v1/\(step.path)", step.body, headers: headers)
                #expect(first.status < 300 && first.json["duplicate"] != true, "\(step.path): \(first.text)")
                let again = try await api.send(.post, "/v1/\(step.path)", step.body, headers: headers)
                #expect(again.status == 200 && again.json["duplicate"] == true, "\(step.path): \(again.text)")
                let other = try await api.send(.post, "/v1/\(step.path)", step.other ?? step.body, headers: ["idempotency-key": "s0"])
                #expect(number == 0 && step.other == nil || other.code == "idempotency_conflict", "\(step.path): \(other.text)")
            }
            let missing = try await api.send(.post, "/v1/billing-errors/none/resolve", [:], headers: ["idempotency-key": "b1"])
            #expect(missing.status == 404, "a refusal is not kept")
        }
    }
}
