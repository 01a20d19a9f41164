import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

struct PortalRouteTests {
    private static let origin = "https://shop.example"

    @Test func `A session's address opens its user's page, for its time, and no other user's data`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.patch, "/v1/shop", ["brand_color": "#1F5FBF", "name": "Acme"])
            let made = try await api.send(
                .post, "/v1/portal-sessions", ["user_id": "u1", "ttl_seconds": 600],
                headers: ["host": "meter.example", "x-forwarded-proto": "https"])
            #expect(made.status == 201 && made.json["expires_at"]?.string == api.clock.now().adding(milliseconds: 600_000).rfc3339)
            let url = try #require(made.json["url"]?.string)
            let token = try #require(url.split(separator: "#").last.map(String.init))
            #expect(url.hasPrefix("https://meter.example/portal#"))
            let portal = try await api.send(.get, "/v1/portal", bearing: token)
            #expect(portal.json["user_id"] == "u1" && portal.json["brand_color"] == "#1f5fbf" && portal.json["currency"] == "EUR")
            for path in ["/v1/usage/u1", "/v1/invoices", "/v1/portal?user_id=u1"] {
                #expect(try await api.send(.get, path, bearing: token).status == 200, "\(path)")
            }
            #expect(try await api.send(.get, "/v1/usage/u2", bearing: token).code == "forbidden")
            #expect(try await api.send(.post, "/v1/portal-sessions", bearing: token).code == "forbidden")
            api.clock.advance(seconds: 600)
            #expect(try await api.send(.get, "/v1/usage/u1", bearing: token).status == 401)
        }
    }

    @Test func `Pages of the origins that a shop allows may read its answers`() async throws {
        try await withTestAPI { api in
            let header = "access-control-allow-origin"
            func read(_ origin: String, as who: String = "all") async throws -> Headers {
                try await api.send(.get, "/v1/plans", as: who, headers: ["origin": origin]).headers
            }
            #expect(try await read(Self.origin)[header] == nil)
            let change: JSON = ["cors_origins": ["https://shop.example", "http://localhost:3000"]]
            #expect(try await api.send(.patch, "/v1/shop", change).json["cors_origins"]?.array?.count == 2)
            #expect(try await read(Self.origin)[header] == Self.origin)
            #expect(try await read("http://localhost:3000")["vary"] == "origin")
            for other in ["https://evil.example", "http://shop.example", "null"] {
                #expect(try await read(other)[header] == nil, "\(other)")
            }
            #expect(try await read(Self.origin, as: "other")[header] == nil, "another shop's")
            let wrong = try await api.send(.patch, "/v1/shop", ["cors_origins": ["https://shop.example/x"]])
            #expect(wrong.wrongFields == ["cors_origins[0]"])
        }
    }

    @Test func `A browser that asks before it calls is told what it may send, whoever asks`() async throws {
        try await withTestAPI { api in
            let request = Request(
                method: .options, path: ["v1", "usage", "u1"],
                headers: Headers(["origin": Self.origin, "access-control-request-method": "GET"]))
            let answer = try await TestAnswer(api.api.respond(to: request))
            #expect(answer.status == 204 && answer.headers["access-control-allow-origin"] == Self.origin)
            #expect(answer.headers["access-control-allow-methods"] == "GET" && answer.headers["access-control-allow-credentials"] == nil)
            let plain = try await TestAnswer(api.api.respond(to: Request(method: .options, path: ["v1", "plans"])))
            #expect(plain.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func `A page of an allowed origin may read why it was refused, and no other page is told anything`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.patch, "/v1/shop", ["cors_origins": [.string(Self.origin)]])
            let header = "access-control-allow-origin"
            func read(_ target: String, _ token: String?, _ origin: String) async throws -> (status: Int, origin: String?) {
                let headers: KeyValuePairs = ["origin": origin, "authorization": "Bearer \(token ?? "x")"]
                let answer = try await api.send(.get, target, as: nil, headers: headers)
                return (answer.status, answer.headers[header])
            }
            let session = try await api.send(.post, "/v1/portal-sessions", ["user_id": "ada"])
            let token = try #require(session.json["url"]?.string?.split(separator: "#").last.map(String.init))
            let expired = token + "x"
            for (target, credential, status) in [
                ("/v1/invoices/FACT-202611-0009", token, 404), ("/v1/usage/bob", token, 403), ("/v1/usage/ada?x=1", token, 422),
                ("/v1/usage/ada", expired, 401), ("/v1/nowhere", token, 404),
            ] {
                let allowed = try await read(target, credential, Self.origin)
                #expect(allowed.status == status && allowed.origin == Self.origin, "\(target)")
                let other = try await read(target, credential, "https://elsewhere.example")
                #expect(other.status == status && other.origin == nil, "\(target)")
            }
            let nobodys = try await read("/v1/usage/ada", nil, Self.origin)
            #expect(nobodys.status == 401 && nobodys.origin == nil)
        }
    }
}
