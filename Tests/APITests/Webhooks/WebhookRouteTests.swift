import HTTP
import JSON
import Metering
import Service
import Support
import Testing
import Web

@testable import API

struct WebhookRouteTests {
    private static let everything = JSON.array(WebhookType.subscribable.map { .string($0.rawValue) })

    /// Makes an endpoint of all types, and returns its id.
    private func endpoint(_ api: TestAPI, _ events: JSON = everything, as who: String = "all") async throws -> String {
        let made = try await api.send(.post, "/v1/webhook-endpoints", as: who, ["url": "https://hooks.example/x", "events": events])
        #expect(made.status == 201)
        return try #require(made.json["endpoint_id"]?.string)
    }

    /// The messages to the endpoint, the oldest first. Each fits the schema of its type.
    private func messages(_ api: TestAPI, _ query: String = "", as who: String = "all") async throws -> [JSON] {
        let answer = try await api.send(.get, "/v1/webhook-deliveries?limit=200\(query)", as: who)
        return try (answer.json["data"]?.array ?? []).reversed().map { delivery in
            let message = try JSON(parsing: Array((delivery["body"]?.string ?? "").utf8))
            let type = try #require(message["type"]?.string.flatMap(WebhookType.init(rawValue:)))
            #expect(WebhookMessage.schema(of: type).validate(message) == [], "\(message)")
            #expect(delivery["type"] == message["type"] && delivery["status"] == "pending" && delivery["attempts"] == 0)
            return message
        }
    }

    private func types(_ messages: [JSON]) -> [String] { messages.compactMap { $0["type"]?.string } }

    @Test func `An endpoint is made, shown without its secret, changed and deleted`() async throws {
        try await withTestAPI { api in
            let body: JSON = ["url": "https://hooks.example/x", "events": ["alert.crossed"], "description": "ours"]
            let made = try await api.send(.post, "/v1/webhook-endpoints", body, headers: ["idempotency-key": "k"])
            let id = try #require(made.json["endpoint_id"]?.string)
            #expect(made.status == 201 && made.json["secret"]?.string?.hasPrefix("whsec_") == true && made.json["status"] == "enabled")
            let again = try await api.send(.post, "/v1/webhook-endpoints", body, headers: ["idempotency-key": "k"])
            #expect(again.status == 200 && again.json["endpoint_id"]?.string == id && again.json["secret"] == .null)
            let shown = try await api.send(.get, "/v1/webhook-endpoints/\(id)")
            #expect(shown.json["secret"] == nil && shown.json["description"] == "ours" && shown.json["events"] == ["alert.crossed"])
            let changed = try await api.send(
                .patch, "/v1/webhook-endpoints/\(id)", ["events": ["period.closed"], "description": .null, "status": "disabled"])
            #expect(changed.json["events"] == ["period.closed"] && changed.json["description"] == .null)
            #expect(try await api.send(.post, "/v1/webhook-endpoints/\(id)/test").code == "conflict")
            #expect(try await api.send(.get, "/v1/webhook-endpoints").json["data"]?.array?.count == 1)
            #expect(try await api.send(.get, "/v1/webhook-endpoints/\(id)", as: "other").status == 404)
            #expect(try await api.send(.delete, "/v1/webhook-endpoints/\(id)", as: "other").status == 404)
            #expect(try await api.send(.delete, "/v1/webhook-endpoints/\(id)").status == 204)
            #expect(try await api.send(.get, "/v1/webhook-endpoints/\(id)").status == 404)
            let log = try await api.send(.get, "/v1/audit-log")
            #expect(log.json["data"]?.array?.prefix(3).map { $0["action"] } == ["webhook.delete", "webhook.update", "webhook.create"])
        }
    }

    @Test func `What cannot be told is refused by its field, and a shop has a bound of endpoints`() async throws {
        try await withTestAPI { api in
            let path = "/v1/webhook-endpoints"
            #expect(try await api.send(.post, path, ["url": "http://a.example", "events": ["period.closed"]]).wrongFields == ["url"])
            #expect(try await api.send(.post, path, ["url": "https://a.example", "events": []]).wrongFields == ["events"])
            #expect(
                try await api.send(.post, path, ["url": "https://a.example", "events": ["endpoint.test"]]).wrongFields == ["events[0]"])
            #expect(
                try await api.send(.post, path, ["url": "https://a.example", "events": ["period.closed"], "x": 1]).wrongFields == ["x"])
            for _ in 0..<WebhookEndpoint.maximum { _ = try await endpoint(api) }
            #expect(try await api.send(.post, path, ["url": "https://a.example", "events": ["period.closed"]]).code == "conflict")
        }
    }

    @Test func `A new secret has another one beside it for a while`() async throws {
        try await withTestAPI { api in
            let id = try await endpoint(api)
            let made = try await api.send(.post, "/v1/webhook-endpoints/\(id)/rotate-secret", ["overlap_seconds": 60])
            #expect(made.status == 201 && made.json["secret"]?.string?.hasPrefix("whsec_") == true)
            let until = try #require(made.json["previous_valid_until"]?.string.flatMap(Timestamp.init(rfc3339:)))
            #expect(until == api.clock.now().adding(milliseconds: 60_000))
        }
    }

    @Test func `Usage tells what it crosses, and a shop without endpoints writes nothing`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "before", 60)
            #expect(try await messages(api) == [])
            let id = try await endpoint(api)
            _ = try await api.record("u1", "e1", 1)
            _ = try await api.record("u1", "e2", 20)
            _ = try await api.record("u1", "e3", 30)
            _ = try await api.record("u1", "e3", 30)
            let told = try await messages(api, "&endpoint_id=\(id)")
            #expect(types(told) == ["alert.crossed", "alert.crossed", "alert.crossed", "alert.crossed", "limit.reached"])
            #expect(told.map { $0["data"]?["percent"] } == [75, 80, 90, 100, nil])
            #expect(told.last?["data"]?["event_id"] == "e3" && told.last?["data"]?["remaining"] == 0)
            #expect(try await messages(api, as: "other") == [])
        }
    }

    @Test func `An endpoint is told of the types it asked for`() async throws {
        try await withTestAPI { api in
            let id = try await endpoint(api, ["limit.reached"])
            let other = try await endpoint(api, ["alert.crossed"])
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e", 100)
            #expect(types(try await messages(api, "&endpoint_id=\(id)")) == ["limit.reached"])
            #expect(types(try await messages(api, "&endpoint_id=\(other)")) == Array(repeating: "alert.crossed", count: 5))
        }
    }

    @Test func `A subscription tells its life, its periods and its invoices, in order`() async throws {
        try await withTestAPI { api in
            _ = try await endpoint(api)
            try await api.putPlan("pro", tokens: 100)
            try await api.putPlan("max", tokens: 1_000)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.subscribe("u1", to: "max", action: "upgrade")
            api.clock.advance(days: 31)
            try await api.rollOver()
            let number = try await api.send(.get, "/v1/invoices").json["data"]?.array?.first?["number"]?.string
            let invoice = "/v1/invoices/\(try #require(number))"
            _ = try await api.send(.post, "\(invoice)/payments", ["payment_reference": "p"])
            _ = try await api.send(.post, "\(invoice)/payments", ["payment_reference": "p"])
            _ = try await api.send(.post, "\(invoice)/refund", ["refund_id": "r", "amount": "1.00"])
            _ = try await api.send(.post, "/v1/subscriptions/u1/cancel", ["at": "now"])
            let told = types(try await messages(api, "&user_id=u1"))
            #expect(
                told.filter { $0.hasPrefix("subscription") } == ["subscription.created", "subscription.changed", "subscription.canceled"])
            #expect(told.filter { $0 == "period.closed" }.count >= 2)
            let money = told.filter { $0.hasPrefix("invoice") && $0 != "invoice.issued" }
            #expect(money.prefix(2) == ["invoice.paid", "invoice.refunded"])
            #expect(told.contains("invoice.issued"))
        }
    }

    @Test func `Overdue invoices, voids, refused charges and low wallets are told`() async throws {
        try await withTestAPI { api in
            _ = try await endpoint(api)
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e", 10)
            _ = try await api.send(.post, "/v1/usage/u1/events/e/void", ["reason": "a mistake"])
            _ = try await api.send(
                .put, "/v1/models/m/price", ["input_per_million": "1000000", "output_per_million": "0", "currency": "EUR"])
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let watch = try await api.send(
                .put, "/v1/users/u1/wallet/watch", ["low_below": "5", "topup": ["below": "4", "amount": "20", "monthly_maximum": "100"]])
            #expect(watch.status == 200 && watch.json["topup"]?["cooldown_seconds"] == 3_600)
            func charge(_ id: String, _ tokens: Int64) async throws {
                _ = try await api.send(
                    .post, "/v1/charges",
                    ["charge_id": .string(id), "user_id": "u1", "model": "m", "input_tokens": .integer(tokens), "output_tokens": 0])
            }
            try await charge("c1", 4)
            try await charge("c2", 2)
            try await charge("c3", 1)
            try await charge("c4", 9)
            try await charge("c4", 9)
            api.clock.advance(days: 60)
            try await api.rollOver()
            _ = try await api.send(.post, "/v1/admin/jobs/overdue/run", as: "admin", [:])
            api.clock.advance(days: 20)
            _ = try await api.send(.post, "/v1/admin/jobs/overdue/run", as: "admin", [:])
            let told = types(try await messages(api))
            for type in ["event.voided", "wallet.low", "topup.requested", "billing_error.created"] {
                #expect(told.count { $0 == type } == 1, "\(type)")
            }
            #expect(told.contains("invoice.overdue"))
        }
    }

    @Test func `A test message waits, and what is done can be sent again`() async throws {
        try await withTestAPI { api in
            let id = try await endpoint(api, ["period.closed"])
            let made = try await api.send(.post, "/v1/webhook-endpoints/\(id)/test", headers: ["idempotency-key": "t"])
            #expect(made.status == 201 && made.json["type"] == "endpoint.test")
            let again = try await api.send(.post, "/v1/webhook-endpoints/\(id)/test", headers: ["idempotency-key": "t"])
            #expect(again.status == 200 && again.json["delivery_id"] == made.json["delivery_id"])
            let delivery = try #require(made.json["delivery_id"]?.string)
            #expect(try await api.send(.get, "/v1/webhook-deliveries/\(delivery)").json["message_id"] == made.json["message_id"])
            let pending = try await api.send(.post, "/v1/webhook-deliveries/\(delivery)/resend")
            #expect(pending.status == 201 && pending.json["delivery_id"]?.string == delivery, "it is sent anyway")
            _ = try await api.send(.patch, "/v1/webhook-endpoints/\(id)", ["status": "disabled"])
            let failed = try await api.send(.get, "/v1/webhook-deliveries?status=failed")
            #expect(failed.json["data"]?.array?.first?["note"] == "the endpoint was disabled")
            #expect(try await api.send(.post, "/v1/webhook-deliveries/\(delivery)/resend").code == "conflict")
            _ = try await api.send(.patch, "/v1/webhook-endpoints/\(id)", ["status": "enabled"])
            let resent = try await api.send(.post, "/v1/webhook-deliveries/\(delivery)/resend")
            #expect(resent.status == 201 && resent.json["delivery_id"]?.string != delivery)
            #expect(resent.json["message_id"] == made.json["message_id"] && resent.json["status"] == "pending")
            #expect(try await api.send(.get, "/v1/webhook-deliveries/nothing").status == 404)
        }
    }
}
