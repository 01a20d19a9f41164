import Foundation
import Support
import Testing

@Suite struct BadInputTests {
    @Test func `Each bad request gets its problem, and the next one on the connection works`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            for row in Self.table {
                let answer = try await client.send(row.method, row.target, row.body, headers: row.headers)
                #expect((answer.status, answer.text("code")) == (row.status, row.code), "\(row.method) \(row.target) \(row.body)")
                #expect(answer.response["content-type"] == "application/problem+json")
                #expect(answer.text("request_id") == answer.response["x-request-id"])
                if let field = row.field { #expect(answer.list("errors").first?["field"] as? String == field, "\(row.body)") }
            }
            #expect(try await client.send("POST", "/v1/usage", #"{"event_id":"ok","user_id":"u","amount":1}"#).status == 201)
        }
    }

    @Test func `Without a right credential nothing is told`() async throws {
        try await withShop { shop in
            let anonymous = try shop.server.client()
            for token in ["", "Authorization: Basic YTpi", "Authorization: Bearer nobody", "Authorization: Bearer \(shop.key)x"] {
                let answer = Answer(try await anonymous.request("GET", "/v1/plans", headers: token.isEmpty ? [] : [token]))
                #expect((answer.status, answer.text("code"), answer.response["www-authenticate"]) == (401, "unauthorized", "Bearer"))
            }
            #expect(try await shop.client().send("GET", "/v1/admin/shops").status == 403)
            #expect(try await ShopClient(shop.server).send("GET", "/v1/plans").status == 403)
        }
    }

    @Test func `What is not HTTP is refused and the connection closes; the server goes on`() async throws {
        try await withShop { shop in
            for text in [
                "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "NONSENSE\r\n\r\n",
                "POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            ] {
                let client = try shop.server.client()
                try await client.send(text)
                let answer = Answer(try await client.response())
                #expect((answer.status, answer.text("code")) == (400, "malformed_request"))
                #expect(try await client.rest().isEmpty)
            }
            let client = try shop.server.client()
            try await client.send("POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
            let answer = Answer(try await client.response())
            #expect((answer.status, answer.text("code")) == (413, "body_too_large"))
            #expect(try await shop.server.client().request("GET", "/healthz").status == 200)
        }
    }

    @Test func `A user limit holds, and says what there is`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            let body = #"{"event_id":"big","user_id":"free-user","amount":200000,"enforce":true}"#
            let answer = try await client.send("POST", "/v1/usage", body)
            #expect((answer.status, answer.text("code"), answer.text("meter")) == (402, "usage_limit_exceeded", "tokens"))
            #expect(
                [answer.integer("limit"), answer.integer("current"), answer.integer("requested"), answer.integer("available")]
                    == [100_000, 0, 200_000, 100_000])
            #expect(try await client.send("GET", "/v1/usage/free-user/events").list("data").isEmpty)
        }
    }

    private struct Row {
        let method, target: String
        var body = ""
        var headers: [String] = []
        let status: Int
        let code: String
        var field: String?
    }

    private static let table: [Row] = [
        Row(method: "GET", target: "/nowhere", status: 404, code: "not_found"),
        Row(method: "GET", target: "/v1/subscriptions/nobody", status: 404, code: "not_found"),
        Row(method: "DELETE", target: "/v1/usage", status: 405, code: "method_not_allowed"),
        Row(method: "GET", target: "/v1/plans", headers: ["Accept: text/html"], status: 406, code: "not_acceptable"),
        Row(method: "POST", target: "/v1/usage", body: "{", status: 400, code: "malformed_json"),
        Row(method: "POST", target: "/v1/usage", body: #"{"user_id":"u","user_id":"v","amount":1}"#, status: 400, code: "malformed_json"),
        Row(method: "POST", target: "/v1/usage", body: "[]", status: 422, code: "invalid_request"),
        Row(method: "POST", target: "/v1/usage", body: #"{"user_id":"u"}"#, status: 422, code: "invalid_request", field: "amount"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":-1}"#, status: 422, code: "invalid_request",
            field: "amount"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":1.5}"#, status: 422, code: "invalid_request",
            field: "amount"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":"1"}"#, status: 422, code: "invalid_request",
            field: "amount"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":9007199254740992}"#, status: 422, code: "invalid_request",
            field: "amount"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":{"$ne":null},"amount":1}"#, status: 422, code: "invalid_request",
            field: "user_id"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":1,"amuont":2}"#, status: 422, code: "invalid_request",
            field: "amuont"),
        Row(
            method: "POST", target: "/v1/usage", body: #"{"user_id":"u","amount":1,"occurred_at":"2020-01-01T00:00:00Z"}"#, status: 422,
            code: "invalid_request", field: "occurred_at"),
        Row(method: "POST", target: "/v1/usage/batch", body: #"{"events":[]}"#, status: 422, code: "invalid_request", field: "events"),
        Row(
            method: "POST", target: "/v1/subscriptions", body: #"{"user_id":"u","action":"create","plan_name":"unheard-of"}"#, status: 422,
            code: "invalid_request"),
        Row(method: "GET", target: "/v1/subscriptions?limit=0", status: 422, code: "invalid_request", field: "limit"),
        Row(method: "GET", target: "/v1/subscriptions?cursor=AAAA", status: 422, code: "invalid_request", field: "cursor"),
        Row(method: "GET", target: "/v1/subscriptions?sort=x", status: 422, code: "invalid_request", field: "sort"),
        Row(method: "GET", target: "/v1/plans/%ff", status: 400, code: "malformed_request"),
    ]
}
