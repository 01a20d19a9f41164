import BSON
import HTTP
import JSON
import Mongo
import Testing

@testable import API
@testable import Store

/// A shop that has something of everything, and the requests by which it got it.
enum FilledShop {
    /// What is asked for: things of the victim's, whose ids begin with `mark`, or things that no shop has.
    struct Target {
        let mark: String
        /// By the parameters' names, ids that the service made.
        let made: [String: String]

        /// Values of the parameters in a route's path.
        func value(of parameter: String) -> String {
            if let made = made[parameter] { return made }
            return switch parameter {
            case "user_id": "\(mark)-ann"
            case "plan_name": "\(mark)-plan"
            case "charge_id": "\(mark)-other"
            // A refused charge's error has the charge's id.
            case "billing_error_id": "\(mark)-charge"
            default: "\(mark)-\(parameter.replacing("_id", with: ""))"
            }
        }
    }

    /// The bodies by which each route that has one is asked for things whose ids begin with `mark`.
    static func bodies(_ mark: String) -> [String: [JSON]] {
        let (user, model): (JSON, JSON) = (.string("\(mark)-ann"), .string("\(mark)-model"))
        func id(_ name: String) -> JSON { .string("\(mark)-\(name)") }
        let usage: JSON = ["prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15]
        let tokens: JSON.Object = ["user_id": user, "model": model, "input_tokens": 10, "output_tokens": 5]
        func charge(_ more: JSON.Object) -> JSON { .object(JSON.Object(unique: tokens.fields + more.fields)) }
        let adjusted: JSON = ["adjustment_id": id("adjustment"), "amount": 3, "reason": "asked"]
        return [
            "PATCH /v1/shop": [["name": "renamed"]],
            "PUT /v1/plans/{plan_name}": [["allowances": ["tokens": 7], "monthly_fee": "3.00"]],
            "POST /v1/subscriptions": [
                ["user_id": user, "action": "create", "plan_name": id("plan")],
                ["user_id": user, "action": "upgrade", "plan_name": id("plan")],
            ],
            "POST /v1/subscriptions/preview": [["user_id": user, "action": "upgrade", "plan_name": id("plan")]],
            "POST /v1/subscriptions/{user_id}/suspend": [["reason": "asked"]],
            "POST /v1/subscriptions/{user_id}/cancel": [["at": "now"]], "POST /v1/subscriptions/{user_id}/resume": [[:]],
            "POST /v1/subscriptions/{user_id}/reset": [[:]],
            "POST /v1/usage": [["event_id": id("event"), "user_id": user, "amount": 5, "dimensions": ["d": id("value")]]],
            "POST /v1/usage/batch": [["events": [["event_id": id("event"), "user_id": user, "amount": 5]]]],
            "PUT /v1/users/{user_id}": [["name": "Nobody"]],
            "POST /v1/usage/{user_id}/purchases": [["purchase_id": id("purchase"), "amount": 5]],
            "POST /v1/usage/{user_id}/events/{event_id}/void": [["void_id": id("void"), "reason": "asked"]],
            "POST /v1/usage/{user_id}/adjustments": [adjusted],
            "PUT /v1/labels/{dimension}/{value}": [["label": "another"]],
            "POST /v1/reservations": [["reservation_id": id("reservation"), "user_id": user, "amount": 2]],
            "POST /v1/reservations/{reservation_id}/commit": [["amount": 1]], "POST /v1/reservations/{reservation_id}/release": [[:]],
            "POST /v1/users/{user_id}/wallet": [[:]],
            "PUT /v1/users/{user_id}/wallet/quota": [["is_pro": true, "monthly_quota": "1.00"]],
            "POST /v1/users/{user_id}/wallet/credits": [["credit_id": id("credit"), "amount": "1.00", "reason": "asked"]],
            "POST /v1/projects": [["project_id": id("project"), "creator_id": user]],
            "POST /v1/projects/{project_id}/wallet/credits": [["credit_id": id("credit"), "amount": "1.00", "reason": "asked"]],
            "POST /v1/charges": [charge(["charge_id": id("charge")]), charge(["charge_id": id("other"), "project_id": id("project")])],
            "POST /v1/charges/estimate": [charge([:])],
            "POST /v1/charges/{charge_id}/refund": [["refund_id": id("refund")]],
            "POST /v1/billing-errors/{billing_error_id}/resolve": [["note": "asked"]],
            "POST /v1/calls": [["call_id": id("call"), "user_id": user, "model": model, "usage": usage]],
            "POST /v1/calls/estimate": [["user_id": user, "model": model, "usage": usage]],
            "POST /v1/calls/hold": [["call_id": id("hold"), "user_id": user, "model": model, "input_tokens": 5, "max_tokens": 5]],
            "PUT /v1/users/{user_id}/wallet/watch": [["low_below": "1.00", "topup": .null]],
            "PUT /v1/projects/{project_id}/wallet/watch": [["low_below": "1.00", "topup": .null]],
            "PUT /v1/models/{model}/price": [["input_per_million": "1.00", "output_per_million": "2.00"]],
            "PUT /v1/models/{model}/alias": [["model": model]],
            "POST /v1/consumption": [["user_id": user, "endpoint": id("endpoint")]],
            "POST /v1/invoices/{number}/payments": [["payment_reference": id("payment")]], "POST /v1/invoices/{number}/cancel": [[:]],
            "POST /v1/invoices/{number}/refund": [["refund_id": id("refund")]],
            "POST /v1/webhook-endpoints": [["url": "https://example.com/hook", "events": ["subscription.changed", "invoice.issued"]]],
            "POST /v1/portal-sessions": [["user_id": user]],
            "PATCH /v1/webhook-endpoints/{endpoint_id}": [["description": "another"]],
            "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret": [[:]], "POST /v1/webhook-endpoints/{endpoint_id}/test": [[:]],
            "POST /v1/webhook-deliveries/{delivery_id}/resend": [[:]],
        ]
    }

    /// Gives the shop something of everything, with ids that begin with `canary`; its user is `canary-ann`. Returns the ids that
    /// the service made, by the parameters' names.
    static func fill(_ api: TestAPI) async throws -> [String: String] {
        let bodies = bodies("canary")
        let target = Target(mark: "canary", made: [:])
        func make(_ name: String, _ body: JSON? = nil) async throws {
            let parts = name.split(separator: " ").map(String.init)
            let path = parts[1].split(separator: "/").map { part in
                part.hasPrefix("{") ? target.value(of: String(part.dropFirst().dropLast())) : String(part)
            }
            let method: Request.Method = parts[0] == "PUT" ? .put : .post
            let answer = try await api.send(method, path, body ?? bodies[name]?[0])
            #expect([200, 201, 402].contains(answer.status), "\(name): \(answer.text)")
        }
        try await make("POST /v1/webhook-endpoints")
        try await make("PUT /v1/plans/{plan_name}", ["allowances": ["tokens": 1_000], "monthly_fee": "29.00"])
        try await make("PUT /v1/users/{user_id}", ["name": "canary Ann", "email": "canary@example.com"])
        try await make("PUT /v1/models/{model}/price")
        for name in [
            "POST /v1/subscriptions", "POST /v1/usage", "PUT /v1/labels/{dimension}/{value}", "POST /v1/usage/{user_id}/purchases",
            "POST /v1/usage/{user_id}/adjustments", "POST /v1/reservations", "POST /v1/charges", "POST /v1/users/{user_id}/wallet",
            "POST /v1/projects", "POST /v1/calls", "POST /v1/calls/hold", "POST /v1/consumption",
        ] { try await make(name) }
        try await make("POST /v1/charges", bodies["POST /v1/charges"]?[1])
        for (plan, fee) in [("canary-more", "59.00"), ("canary-most", "99.00")] {
            try await api.putPlan(plan, tokens: 9_000, fee: .string(fee))
            #expect(try await api.subscribe("canary-ann", to: plan, action: "upgrade").status == 200)
        }
        func last(_ list: String, _ field: String) async throws -> String {
            try #require(try await api.send(.get, "/v1/\(list)").json["data"]?.array?.first?[field]?.string)
        }
        return [
            "number": try await last("invoices", "number"), "endpoint_id": try await last("webhook-endpoints", "endpoint_id"),
            "delivery_id": try await last("webhook-deliveries", "delivery_id"),
        ]
    }

    /// The documents that have the text somewhere, by collection.
    static func documents(containing text: String, _ api: TestAPI) throws -> [String: Set<String>] {
        try api.store.database.withConnection { connection in
            let collections = try connection.command(["listCollections": 1, "nameOnly": true]).document("cursor").array("firstBatch")
            var found: [String: Set<String>] = [:]
            for name in try collections.compactMap(\.asDocument).map({ try $0.string("name") }) {
                let texts = try connection.find(name, [:]).map { "\($0)" }.filter { $0.contains(text) }
                if !texts.isEmpty { found[name] = Set(texts) }
            }
            return found
        }
    }
}
