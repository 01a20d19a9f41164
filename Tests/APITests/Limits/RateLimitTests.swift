import HTTP
import JSON
import Jobs
import Metering
import Service
import Store
import Support
import Testing
import Web

@testable import API

/// An interface with small limits: 2 requests at once of a class, one more a second.
private struct LimitedAPI {
    let api: API
    let service: ShopMeter
    let key: String
    let secret: String

    static func run(_ body: (LimitedAPI) async throws -> Void) async throws {
        try await withTestDatabase { database in
            let store = MeterStore(database: database)
            try store.prepare()
            let small = try #require(RateLimit(perSecond: 1, burst: 2))
            let limits = RateLimits(
                shop: Dictionary(uniqueKeysWithValues: RateClass.allCases.map { ($0, small) }), failures: RateLimit(perSecond: 1, burst: 5))
            let service = ShopMeter(store: store, settings: Settings(adminToken: "root", rateLimits: limits))
            defer { service.drain() }
            let api = try API(
                service: service, jobs: JobRunner(service: service), version: "1", grace: .seconds(60),
                report: { error, _ in Issue.record(error) })
            func make(_ shop: String) async throws -> ShopMeter.CreatedShop {
                try await service.createShop(id: ShopID(stored: shop), name: shop, currency: Currency(stored: "EUR"), clock: .live)
            }
            let made = try await make("acme")
            try await body(
                LimitedAPI(api: api, service: service, key: try #require(made.apiKey), secret: try #require(made.jwtSecret)))
        }
    }

    func send(
        _ method: Request.Method, _ path: String, token: String? = nil, from remote: String? = nil, _ body: JSON? = nil
    ) async throws -> TestAnswer {
        var headers = Headers(["authorization": "Bearer \(token ?? key)"])
        if body != nil { headers.add("content-type", "application/json") }
        let segments = path.split(separator: "/").map(String.init)
        return try await TestAnswer(
            api.respond(to: Request(method: method, path: segments, headers: headers, body: body?.encoded ?? [], remote: remote)))
    }
}

struct RateLimitTests {
    @Test func `A shop that makes too many requests is told so, with what is left and when, and no other shop is`() async throws {
        try await LimitedAPI.run { limited in
            let start = ContinuousClock.now
            var refused: [TestAnswer] = []
            for _ in 0..<30 where refused.count < 3 {
                let answer = try await limited.send(.get, "/v1/usage/u")
                if answer.status == 429 { refused.append(answer) } else { #expect(answer.status == 200) }
            }
            #expect(refused.count == 3, "30 requests took \(ContinuousClock.now - start)")
            for answer in refused {
                #expect(answer.code == "rate_limited" && Problem.schema.validate(answer.json).isEmpty)
                #expect(answer.headers["retry-after"] == "1" && answer.headers["ratelimit-policy"] == "\"read\";q=2;w=2")
                #expect(answer.headers["ratelimit"] == "\"read\";r=0;t=1")
            }
            let other = try await limited.service.createShop(
                id: ShopID(stored: "rival"), name: "r", currency: Currency(stored: "EUR"), clock: .live)
            #expect(try await limited.send(.get, "/v1/usage/u", token: other.apiKey).status == 200)
            for _ in 0..<20 { #expect(try await limited.send(.get, "/v1/admin/shops", token: "root").status == 200) }
        }
    }

    @Test func `A batch costs its events, and another class of requests has a bucket of its own`() async throws {
        try await LimitedAPI.run { limited in
            let events = (0..<60).map { JSON.object(["user_id": "u", "amount": 1, "event_id": .string("e\($0)")]) }
            #expect(try await limited.send(.post, "/v1/usage/batch", ["events": .array(events)]).status == 200)
            let next = try await limited.send(.post, "/v1/usage", ["user_id": "u", "amount": 1])
            #expect(next.status == 429 && next.headers["ratelimit-policy"] == "\"usage\";q=2;w=2")
            #expect(try #require(next.headers["retry-after"].flatMap { Int($0) }) > 30)
            #expect(try await limited.send(.get, "/v1/usage/u").status == 200)
            #expect(try await limited.send(.put, "/v1/plans/p", ["allowances": ["tokens": 1]]).status == 201)
            #expect(try await limited.send(.get, "/v1/usage/u/breakdown").status == 200)
        }
    }

    @Test func `Failed authentications of an address are limited, and those who are known there are not`() async throws {
        try await LimitedAPI.run { limited in
            #expect(try await limited.send(.put, "/v1/plans/p", from: "10.0.0.1", ["allowances": ["tokens": 1]]).status == 201)
            var statuses: [Int] = []
            for number in 0..<40 {
                statuses.append(try await limited.send(.get, "/v1/plans", token: "smk_guess\(number)_x", from: "10.0.0.1").status)
            }
            #expect(statuses.prefix(5) == [401, 401, 401, 401, 401] && statuses.contains(429) && Set(statuses) == [401, 429])
            #expect(try await limited.send(.get, "/v1/plans", from: "10.0.0.1").status == 200, "its key is known")
            #expect(try await limited.send(.get, "/v1/admin/shops", token: "root", from: "10.0.0.1").status == 200)
            #expect(try await limited.send(.get, "/v1/plans", token: "smk_guess_x", from: "10.0.0.2").status == 401)
            var wrong: [Int] = []
            for _ in 0..<40 { wrong.append(try await limited.send(.get, "/v1/plans", token: "nobody", from: "10.0.0.3").status) }
            #expect(wrong.first == 401 && wrong.contains(429))
        }
    }

    @Test func `Each route has a class of requests, and reads over everything are heavy`() async throws {
        try await withTestAPI { api in
            let heavy = api.routes.filter(\.isHeavy).map(\.pattern)
            #expect(
                Set(heavy) == [
                    "/v1/analytics", "/v1/export/{collection}", "/v1/usage/{user_id}/breakdown", "/v1/usage/{user_id}/engagement",
                ])
            for route in api.routes where route.isHeavy { #expect(route.rateClass == .export) }
            func kind(_ method: Request.Method, _ pattern: String) -> RateClass? {
                api.routes.first { $0.method == method && $0.pattern == pattern }?.rateClass
            }
            #expect(kind(.post, "/v1/usage") == .usage && kind(.post, "/v1/reservations") == .usage)
            #expect(kind(.post, "/v1/charges") == .billing && kind(.post, "/v1/subscriptions") == .billing)
            #expect(kind(.get, "/v1/invoices") == .read && kind(.get, "/v1/usage/{user_id}") == .read)
            let document = try await api.send(.get, "/openapi.json", as: nil).json
            let headers = document["components"]?["responses"]?["rate_limited"]?["headers"]?.object?.fields.map(\.name)
            #expect(headers == ["Retry-After", "RateLimit", "RateLimit-Policy"])
        }
    }

    @Test func `An export gives its place back when it is read, and when it never is`() async throws {
        try await withTestAPI { api in
            for _ in 0..<12 {
                #expect(try await api.send(.get, "/v1/export/subscriptions?format=csv").status == 200)
                let headers = Headers(["authorization": "Bearer \(try #require(api.tokens["all"]))"])
                let request = Request(method: .get, path: ["v1", "export", "usage_events"], headers: headers)
                #expect(await api.api.respond(to: request).status == 200, "its body is dropped unread")
            }
        }
    }
}
