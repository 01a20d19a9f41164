import HTTP
import JSON
import Jobs
import Metering
import Service
import Store
import Support
import Testing

@testable import API

struct StripeSecretTests {
    private static let event = TestStripe.invoice("e1", "payment_failed")

    /// The answer to bytes, with the signature that they would have.
    private func send(_ body: [UInt8], to api: TestAPI) async throws -> TestAnswer {
        let headers = Headers(["stripe-signature": try TestStripe.header(of: body)])
        let path = TestStripe.path.split(separator: "/").map(String.init)
        return try await TestAnswer(api.api.respond(to: Request(method: .post, path: path, headers: headers, body: body)))
    }

    @Test func `Whatever is wrong with the sender, the answer is the same`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let signature = try TestStripe.header(of: Self.event.encoded)
            let old = try TestStripe.header(of: Self.event.encoded, at: TestStripe.now - 301)
            let wrong = try TestStripe.header(of: Self.event.encoded, secret: "whsec_none")
            let attempts: [(path: String, header: String?)] = [
                (TestStripe.path, nil), (TestStripe.path, "t=1,v1=x"), (TestStripe.path, old), (TestStripe.path, wrong),
                ("/v1/webhooks/stripe/rival", signature), ("/v1/webhooks/stripe/rival", wrong), ("/v1/webhooks/stripe/nobody", signature),
                ("/v1/webhooks/stripe/nobody", wrong),
            ]
            var answers: Set<JSON> = []
            for (path, header) in attempts {
                let headers: KeyValuePairs = ["x-request-id": "r", header == nil ? "x" : "stripe-signature": header ?? "y"]
                let answer = try await api.send(.post, path, as: nil, Self.event, headers: headers)
                #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Stripe-Signature", "\(path)")
                answers.insert(answer.json)
            }
            #expect(answers.count == 1)
            #expect(try await api.status() == "active")
        }
    }

    @Test func `A secret counts at once, another one takes its place, and null removes it`() async throws {
        try await withTestAPI { api in
            #expect(try await api.deliver(Self.event).status == 401)
            #expect(try await api.setStripeSecret("whsec_first") == 204)
            #expect(try await api.deliver(Self.event).status == 401)
            #expect(try await api.setStripeSecret(.string(TestStripe.secret)) == 204)
            #expect(try await api.deliver(Self.event).status == 200)
            let shop = try await api.service.stripeSecrets(of: ShopID(stored: "acme"))
            #expect(shop?.secrets == [TestStripe.secret])
            #expect(try await api.setStripeSecret(nil) == 204)
            #expect(try await api.deliver(Self.event).status == 401)
            let bare = try #require(try await api.service.stripeSecrets(of: ShopID(stored: "acme")))
            #expect(bare.secrets == [])
            #expect(try await api.setStripeSecret("whsec_x", of: "nobody") == 404)
        }
    }

    @Test func `A rotated JWT secret leaves Stripe's as it is, and no answer shows it`() async throws {
        try await withTestAPI { api in
            #expect(try await api.setStripeSecret(.string(TestStripe.secret)) == 204)
            let answers = [
                try await api.send(.post, "/v1/admin/shops/acme/jwt-secret", as: "admin"),
                try await api.send(.get, "/v1/admin/shops/acme", as: "admin"), try await api.send(.get, "/v1/admin/shops", as: "admin"),
                try await api.deliver(Self.event),
            ]
            #expect(answers.map(\.status) == [201, 200, 200, 200])
            #expect(answers.allSatisfy { !$0.text.contains("whsec_") })
        }
    }

    private static let malformed: [JSON] = [
        "", "whsec_", "secret", "WHSEC_abc", " whsec_abc", "whsec_abc ", "whsec_a\u{7F}", "whsec_é", 7,
        .string("whsec_" + String(repeating: "a", count: 195)),
    ]

    @Test func `A secret in another form is refused, and not said back`() async throws {
        try await withTestAPI { api in
            for secret in Self.malformed {
                let answer = try await api.send(.put, "/v1/admin/shops/acme/stripe-secret", as: "admin", ["secret": secret])
                #expect(answer.status == 422 && answer.wrongFields == ["secret"] && !answer.text.contains("aaa"), "\(secret)")
            }
            #expect(try await api.send(.put, "/v1/admin/shops/acme/stripe-secret", as: "admin", [:]).wrongFields == ["secret"])
        }
    }

    private static let bodies: [(text: String, status: Int)] = [
        ("", 400), ("{", 400), ("[]", 422), (#"{"id":"e","id":"e","type":"t","created":1}"#, 400),
        (#"{"id":"e","type":"t","created":1}x"#, 400), (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), 400),
        (#"{"type":"t","created":1}"#, 422), (#"{"id":"","type":"t","created":1}"#, 422), (#"{"id":"e","created":1}"#, 422),
        (#"{"id":"e","type":"t"}"#, 422), (#"{"id":"e","type":"t","created":"1"}"#, 422), (#"{"id":"e","type":"t","created":1.5}"#, 422),
        (#"{"id":"e","type":"t","created":-1}"#, 422), (#"{"id":"e","type":"t","created":253402300800}"#, 422),
        (#"{"id":"e","type":"$set","created":1}"#, 422), (#"{"id":{"$ne":1},"type":"t","created":1}"#, 422),
        (#"{"id":"e","type":"t","created":1}"#, 200), (#" {"created":1,"type":"t","id":"f","livemode":true} "#, 200),
    ]

    @Test func `A signed body must be an event`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            for (text, status) in Self.bodies {
                let answer = try await send(Array(text.utf8), to: api)
                #expect(answer.status == status, "\(text): \(answer.json)")
            }
        }
    }

    @Test func `A test shop's events count by the system's time, and move it by its own`() async throws {
        try await withTestAPI { api in
            let shop = try await api.service.createShop(
                id: ShopID(stored: "lab"), name: "Lab", currency: Currency(stored: "EUR"), clock: .test
            ).shop
            let later = try #require(Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
            _ = try await JobRunner(service: api.service).moveClock(of: shop.id, to: later)
            let user = UserID(stored: "u1")
            _ = try await api.service.changeSubscription(
                SubscriptionRequest(
                    user: user, action: .create, planName: PlanName(stored: "own"), tokens: .of(5), monthlyFee: .zero),
                of: shop.tenant)
            #expect(try await api.setStripeSecret(.string(TestStripe.secret), of: "lab") == 204)
            #expect(try await api.deliver(Self.event, to: "/v1/webhooks/stripe/lab").json["outcome"] == "applied")
            let moved = try await api.service.subscription(of: user, in: shop.tenant).subscription
            #expect(moved.status == .pastDue && moved.history.last?.start == later)
        }
    }
}
