import HTTP
import JSON
import Metering
import Support
import Testing
import Web

@testable import API

struct EndUserRouteTests {
    /// The routes that show a user's own data and nothing else.
    private static let readable: Set = [
        "/v1/usage/{user_id}", "/v1/usage/{user_id}/check", "/v1/usage/{user_id}/events", "/v1/usage/{user_id}/breakdown",
        "/v1/usage/{user_id}/engagement", "/v1/users/{user_id}", "/v1/subscriptions/{user_id}", "/v1/reservations",
        "/v1/users/{user_id}/wallet", "/v1/users/{user_id}/wallet/entries", "/v1/billing/consumption", "/v1/consumption",
        "/v1/invoices", "/v1/invoices/{number}", "/v1/credit-notes", "/v1/credit-notes/{number}", "/v1/transactions", "/v1/charges",
        "/v1/usage/{user_id}/purchases",
        "/v1/usage/{user_id}/adjustments", "/v1/usage/{user_id}/voids", "/v1/portal",
    ]

    @Test func `An end user's token opens that user's own data and no other route`() async throws {
        try await withTestAPI { api in
            let token = try TestToken.signed(with: await api.secret())
            for route in api.routes where !route.access.isOpen {
                let isReadable = Self.readable.contains(route.pattern) && route.method == .get
                #expect(route.access.admitsEndUsers == isReadable, "\(route.method.name) \(route.pattern)")
                let (own, others) = (Self.path(of: route, for: "u1"), Self.path(of: route, for: "u2"))
                let answer = try await api.send(route.method, own, bearing: token)
                #expect((answer.code == "forbidden") == !isReadable && answer.status != 401, "\(route.method.name) \(own)")
                #expect(try await api.send(route.method, others, bearing: token).code == "forbidden", "\(route.method.name) \(others)")
            }
        }
    }

    private static func path(of route: Route, for user: String) -> String {
        let path = route.pattern.replacing("{user_id}", with: user).replacing(/\{\w+\}/, with: "x")
        return route.pattern.contains("{user_id}") ? path : path + "?user_id=" + user
    }

    @Test func `What an end user reads is its own, in its own shop`() async throws {
        try await withTestAPI { api in
            #expect(try await api.record("u1", "e1", 5).status == 201)
            #expect(try await api.record("u2", "e2", 7).status == 201)
            for (user, hold) in [("u1", "h1"), ("u2", "h2")] as [(JSON, JSON)] {
                let body: JSON = ["reservation_id": hold, "user_id": user, "meter": "tokens", "amount": 1]
                #expect(try await api.send(.post, "/v1/reservations", body).status == 201)
            }
            let token = try TestToken.signed(with: await api.secret())
            let events = try await api.send(.get, "/v1/usage/u1/events", bearing: token)
            #expect(events.json["data"]?.array?.compactMap { $0["event_id"] } == ["e1"])
            let holds = try await api.send(.get, "/v1/reservations", bearing: token)
            #expect(holds.json["data"]?.array?.compactMap { $0["reservation_id"] } == ["h1"])
            #expect(try await api.send(.get, "/v1/reservations?user_id=u1", bearing: token).text == holds.text)
            let rival = try TestToken.signed(TestToken.claims(["iss": "rival"]), with: await api.secret(of: "rival"))
            #expect(try await api.send(.get, "/v1/usage/u1/events", bearing: rival).json["data"] == [])
        }
    }

    @Test func `A token ends at its time by the system's clock`() async throws {
        try await withTestAPI { api in
            let token = try TestToken.signed(with: await api.secret())
            api.clock.advance(seconds: 3_599)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: token).status == 200)
            api.clock.advance(seconds: 1)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: token).status == 401)
        }
    }

    @Test func `A test shop's tokens live by the system's time, however far its own clock is moved`() async throws {
        try await withTestAPI { api in
            let shop: JSON = ["shop_id": "lab", "name": "Lab", "currency": "EUR", "clock": "test"]
            let secret = try #require(try await api.send(.post, "/v1/admin/shops", as: "admin", shop).json["jwt_secret"]?.string)
            let moved = try await api.send(.post, "/v1/admin/shops/lab/clock", as: "admin", ["now": "2026-12-24T00:00:00Z"])
            #expect(moved.status == 200)
            let token = try TestToken.signed(TestToken.claims(["iss": "lab"]), with: secret)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: token).status == 200)
            api.clock.advance(seconds: 3_600)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: token).status == 401)
        }
    }

    @Test func `Whatever is wrong with a token, the answer is the same`() async throws {
        try await withTestAPI { api in
            let secret = try await api.secret()
            let good = try TestToken.signed(with: secret)
            let tokens = [
                try TestToken.signed(with: await api.secret(of: "rival")),
                try TestToken.signed(TestToken.claims(["iss": "nowhere"]), with: secret),
                try TestToken.signed(TestToken.claims(["exp": 1]), with: secret),
                try TestToken.signed(TestToken.claims(["aud": "x"]), with: secret),
                try TestToken.signed(TestToken.claims(without: "sub"), with: secret), good + "=", good + ".", good + " ", "x y",
                String(repeating: "a", count: 5_000), "nobody",
            ]
            var answers: Set<JSON> = []
            for token in tokens + [""] {
                let answer = try await api.send(.get, "/v1/usage/u1", bearing: token)
                #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Bearer")
                var fields = try #require(answer.json.object)
                fields["request_id"] = nil
                answers.insert(.object(fields))
            }
            #expect(answers.count == 1)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: good).status == 200)
        }
    }
}
