import HTTP
import JSON
import Metering
import Service
import Testing
import Web

@testable import API

/// Lends an interface with small limits: 2 requests at once of a class, one more a second.
private func withSmallLimits(_ body: (TestAPI) async throws -> Void) async throws {
    let small = try #require(RateLimit(perSecond: 1, burst: 2))
    let limits = RateLimits(
        shop: Dictionary(uniqueKeysWithValues: RateClass.allCases.map { ($0, small) }), failures: RateLimit(perSecond: 1, burst: 5))
    try await withTestAPI(rateLimits: limits, body)
}

struct RateLimitTests {
    @Test func `A shop that makes too many requests is told so, with what is left and when, and no other shop is`() async throws {
        try await withSmallLimits { api in
            let start = ContinuousClock.now
            var refused: [TestAnswer] = []
            for _ in 0..<30 where refused.count < 3 {
                let answer = try await api.send(.get, "/v1/usage/u")
                if answer.status == 429 { refused.append(answer) } else { #expect(answer.status == 200) }
            }
            #expect(refused.count == 3, "30 requests took \(ContinuousClock.now - start)")
            for answer in refused {
                #expect(answer.code == "rate_limited" && Problem.schema.validate(answer.json).isEmpty)
                #expect(answer.headers["retry-after"] == "1" && answer.headers["ratelimit-policy"] == "\"read\";q=2;w=2")
                #expect(answer.headers["ratelimit"] == "\"read\";r=0;t=1")
            }
            #expect(try await api.send(.get, "/v1/usage/u", as: "other").status == 200)
            for _ in 0..<20 { #expect(try await api.send(.get, "/v1/admin/shops", as: "admin").status == 200) }
        }
    }

    @Test func `A batch costs its events, and another class of requests has a bucket of its own`() async throws {
        try await withSmallLimits { api in
            let events = (0..<60).map { JSON.object(["user_id": "u", "amount": 1, "event_id": .string("e\($0)")]) }
            #expect(try await api.send(.post, "/v1/usage/batch", ["events": .array(events)]).status == 200)
            let next = try await api.send(.post, "/v1/usage", ["user_id": "u", "amount": 1])
            #expect(next.status == 429 && next.headers["ratelimit-policy"] == "\"usage\";q=2;w=2")
            #expect(try #require(next.headers["retry-after"].flatMap { Int($0) }) > 30)
            #expect(try await api.send(.get, "/v1/usage/u").status == 200)
            #expect(try await api.send(.put, "/v1/plans/p", ["allowances": ["tokens": 1]]).status == 201)
            #expect(try await api.send(.get, "/v1/usage/u/breakdown").status == 200)
        }
    }

    /// A key of before there were checksums: whether there is one can only be found by a look-up.
    private func unknownKey(_ number: Int) -> String {
        let id = String(number, radix: 16)
        return "smk_\(String(repeating: "0", count: 12 - id.count))\(id)_\(String(repeating: "0", count: 64))"
    }

    private func guess(_ token: String, from address: String, _ api: TestAPI) async throws -> TestAnswer {
        try await api.send(.get, "/v1/plans", as: nil, headers: ["authorization": "Bearer \(token)"], from: address)
    }

    @Test func `Failed authentications of an address are limited, and those who are known there are not`() async throws {
        try await withSmallLimits { api in
            #expect(try await api.send(.put, "/v1/plans/p", ["allowances": ["tokens": 1]], from: "10.0.0.1").status == 201)
            var statuses: [Int] = []
            for number in 0..<40 {
                statuses.append(try await guess(unknownKey(number), from: "10.0.0.1", api).status)
            }
            #expect(statuses.prefix(5) == [401, 401, 401, 401, 401] && statuses.contains(429) && Set(statuses) == [401, 429])
            #expect(try await api.send(.get, "/v1/plans", from: "10.0.0.1").status == 200, "its key is known")
            #expect(try await api.send(.get, "/v1/admin/shops", as: "admin", from: "10.0.0.1").status == 200)
            #expect(try await guess(unknownKey(99), from: "10.0.0.2", api).status == 401)
            var wrong: [Int] = []
            for _ in 0..<40 { wrong.append(try await guess("nobody", from: "10.0.0.3", api).status) }
            #expect(wrong.first == 401 && wrong.contains(429))
        }
    }

    private func limits(_ usage: JSON) -> JSON { ["rate_limits": ["usage": usage]] }

    @Test func `A shop sets limits of its own, at most those that the operator lets it have, and they count at once`() async throws {
        try await withSmallLimits { api in
            let shown = try await api.send(.get, "/v1/shop", as: "manage")
            #expect(shown.status == 200 && shown.json["shop_id"] == "acme")
            #expect(shown.json["rate_limits"]?["export"] == ["per_second": 1, "burst": 2])
            let tooHigh = try await api.send(.patch, "/v1/shop", as: "manage", limits(["per_second": 50, "burst": 100]))
            #expect(tooHigh.status == 422 && tooHigh.wrongFields == ["rate_limits.usage"])
            let granted = try await api.send(
                .patch, "/v1/admin/shops/acme", as: "admin",
                ["rate_limits": ["usage": ["per_second": 50, "burst": 100], "billing": ["per_second": 50]]])
            #expect(granted.json["rate_limits"]?["usage"] == ["per_second": 50, "burst": 100])
            #expect(granted.json["rate_limits"]?["billing"] == ["per_second": 50, "burst": 100])
            func recorded(_ name: String) async throws -> Int {
                var count = 0
                for number in 0..<8 where try await api.record("u", "\(name)\(number)", 1).status == 201 { count += 1 }
                return count
            }
            #expect(try await recorded("wide") == 8)
            let own = try await api.send(.patch, "/v1/shop", as: "manage", limits(["per_second": 1, "burst": 1]))
            #expect(own.status == 200 && own.json["rate_limits"]?["usage"] == ["per_second": 1, "burst": 1])
            #expect(try await recorded("narrow") < 8)
            let other = try await api.send(.get, "/v1/admin/shops/rival", as: "admin")
            #expect(other.json["rate_limits"]?["usage"] == ["per_second": 1, "burst": 2])
            let back = try await api.send(.patch, "/v1/shop", as: "manage", limits(.null))
            #expect(back.json["rate_limits"]?["usage"] == ["per_second": 50, "burst": 100])
            let lowered = try await api.send(.patch, "/v1/admin/shops/acme", as: "admin", limits(.null))
            #expect(lowered.json["rate_limits"]?["usage"] == ["per_second": 1, "burst": 2])
            #expect(try await api.send(.get, "/v1/admin/shops/acme", as: "admin").json == lowered.json)
        }
    }

    @Test func `What is no limit or no setting is named, and what is left out of a change stays`() async throws {
        try await withTestAPI { api in
            let wrong: [(JSON, String)] = [
                (limits(["per_second": 0]), "rate_limits.usage.per_second"), (limits(["burst": 5]), "rate_limits.usage.per_second"),
                (limits(["per_second": 1, "burst": 1_000_001]), "rate_limits.usage.burst"),
                (["rate_limits": ["web": .null]], "rate_limits.web"),
                (["nam": "x"], "nam"), (["name": ""], "name"),
            ]
            for (body, field) in wrong {
                let answer = try await api.send(.patch, "/v1/shop", as: "manage", body)
                #expect(answer.status == 422 && answer.wrongFields == [field])
            }
            #expect(try await api.send(.patch, "/v1/shop", as: "manage", limits(["per_second": 7, "burst": 9])).status == 200)
            let renamed = try await api.send(.patch, "/v1/shop", as: "manage", ["name": "Acme & Co"])
            #expect(renamed.json["name"] == "Acme & Co" && renamed.json["rate_limits"]?["usage"] == ["per_second": 7, "burst": 9])
            #expect(try await api.send(.patch, "/v1/shop", as: "usage", ["name": "x"]).status == 403)
            #expect(try await api.send(.patch, "/v1/admin/shops/nowhere", as: "admin", ["name": "x"]).status == 404)
            #expect(try await api.send(.get, "/v1/shop", as: "manage").json == renamed.json)
        }
    }

    @Test func `Each route has a class of requests, and reads over everything are heavy`() async throws {
        try await withTestAPI { api in
            let heavy = api.routes.filter(\.isHeavy).map(\.pattern)
            #expect(
                Set(heavy) == [
                    "/v1/analytics", "/v1/analytics/margin", "/v1/export/{collection}", "/v1/usage/{user_id}/breakdown",
                    "/v1/usage/{user_id}/engagement",
                    "/v1/events", "/v1/users",
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
