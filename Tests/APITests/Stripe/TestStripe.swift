import Crypto
import HTTP
import JSON
import Metering
import Service
import Store
import Testing

@testable import API

/// Makes and sends events of Stripe's to the shop `acme`, as Stripe would.
enum TestStripe {
    static let secret = "whsec_5WbX9cQ2rT8mK4vN7pL1zD6yF3hJ0gAe"
    static let path = "/v1/webhooks/stripe/acme"
    /// When the manual clock stands at, in seconds since 1970.
    static let now: Int64 = 1_794_312_000

    static func header(of body: [UInt8], at seconds: Int64 = now, secret: String = secret) throws -> String {
        let tag = try HMACSHA256.authenticate(Array("\(seconds).".utf8) + body, key: Array(secret.utf8))
        return "t=\(seconds),v1=\(Hex.text(tag))"
    }

    static func event(_ id: String, _ type: String, created: Int64 = now, _ object: JSON) -> JSON {
        ["id": .string(id), "object": "event", "type": .string(type), "created": .integer(created), "data": ["object": object]]
    }

    /// A `customer.subscription.updated` of the user.
    static func updated(_ id: String, user: String = "u1", created: Int64 = now, _ status: String, cancels: Bool? = nil) -> JSON {
        var subject: JSON.Object = ["status": .string(status), "metadata": ["user_id": .string(user)]]
        if let cancels { subject["cancel_at_period_end"] = .bool(cancels) }
        return event(id, "customer.subscription.updated", created: created, .object(subject))
    }

    static func invoice(_ id: String, _ type: String, user: String = "u1", created: Int64 = now) -> JSON {
        event(id, "invoice.\(type)", created: created, ["id": "in_1", "metadata": ["user_id": .string(user)]])
    }
}

extension TestAPI {
    /// The shop takes Stripe's events, and its users `u1` and on are subscribed.
    func prepareForStripe(users: [String] = ["u1"]) async throws {
        #expect(try await setStripeSecret(.string(TestStripe.secret)) == 204)
        try await putPlan("pro", tokens: 1000)
        for user in users { #expect(try await subscribe(user, to: "pro").status == 201) }
    }

    func setStripeSecret(_ secret: JSON, of shop: String = "acme") async throws -> Int {
        try await send(.put, "/v1/admin/shops/\(shop)/stripe-secret", as: "admin", ["secret": secret]).status
    }

    func deliver(_ event: JSON, to path: String = TestStripe.path) async throws -> TestAnswer {
        let signature = try TestStripe.header(of: event.encoded)
        return try await send(.post, path, as: nil, event, headers: ["stripe-signature": signature])
    }

    /// What the delivery did; `duplicate` when it was one.
    func outcome(of event: JSON) async throws -> String? {
        let answer = try await deliver(event)
        #expect(answer.status == 200 && answer.json["received"] == true, "\(answer.json)")
        return answer.json["duplicate"] == true ? "duplicate" : answer.json["outcome"]?.string
    }

    func status(of user: String = "u1") async throws -> String? { try await subscription(of: user)["status"]?.string }

    func subscription(of user: String = "u1") async throws -> JSON {
        try await send(.get, "/v1/subscriptions/\(user)?include_history=true").json
    }
}
