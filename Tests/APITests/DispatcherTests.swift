import HTTP
import Metering
import Service
import Synchronization
import Testing

@testable import API
@testable import Store

/// A handful of routes of every kind, which answer what they were given.
enum SampleRoutes {
    static let body = Schema.object([.required("user_id", .identifier), .required("amount", .quantity)]).named("Sample")

    static let answer = Schema.answer([
        .required("parameters", .map(values: .any)), .required("body", .any), .required("as", .string(0...99)),
    ])

    static let all: [Route] = [
        route(.get, "/healthz", access: .open),
        route(.post, "/v1/admin/shops", access: .admin, body: .json(body)),
        route(.post, "/v1/usage", access: .shop(.usage), body: .json(body), problems: [.idempotencyConflict, .conflict]),
        route(
            .get, "/v1/usage/{user_id}", access: .shop(.read, endUser: true),
            parameters: [.path("user_id"), .query("amount", .integer(0...10), default: 1), .query("history", .boolean)]),
        route(.get, "/v1/usage/batch", access: .shop(.read)),
        route(
            .get, "/v1/holds", access: .shop(.read, endUser: true),
            parameters: [.query("user_id", .identifier), .query("state", .enumeration(["open", "closed"]), required: true)]
                + Page.parameters),
        route(.post, "/v1/close", access: .shop(.manage), body: .optional(.object([.optional("at", .enumeration(["now"]))]))),
        route(.post, "/v1/hook/{shop_id}", access: .open, parameters: [.path("shop_id")], body: .raw(note: "Signed.")),
        route(.delete, "/v1/keys/{key_id}", access: .shop(.manage), parameters: [.path("key_id")]),
        Route(
            .get, "/v1/export", "Export", tag: "sample", access: .shop(.read), answers: [.json(200, "It", .any, or: [MediaType.csv])],
            handle: { .text(200, $0.mediaType, as: $0.mediaType) }),
        Route(.get, "/fails", "Fails", tag: "sample", access: .open, answers: [.empty(204, "Never")], handle: { _ in throw Failure() }),
    ]

    struct Failure: Error {}

    private static func route(
        _ method: Request.Method, _ pattern: String, access: Access, parameters: [Parameter] = [], body: Route.Body = .none,
        problems: [ProblemCode] = []
    ) -> Route {
        Route(
            method, pattern, "Sample", tag: "sample", access: access, parameters: parameters, body: body,
            answers: [.json(200, "What was given", answer)], problems: problems
        ) { call in
            .json(
                200, ["parameters": .object(call.parameters), "body": call.body, "as": .string("\(call.credential.map(name) ?? "nobody")")])
        }
    }

    private static func name(_ credential: Credential) -> String {
        switch credential {
        case .admin: "admin"
        case .shop(let tenant, _): tenant.shop.rawValue
        case .endUser(let tenant, let user): "\(tenant.shop)/\(user)"
        }
    }
}

struct DispatcherTests {
    private final class Reports: Sendable {
        let ids = Mutex<[String]>([])
    }

    private let reports = Reports()
    private let dispatcher: Dispatcher

    init() throws {
        let tenant = Tenant(shop: ShopID(stored: "acme"))
        let credentials: [String: Credential] = [
            "root": .admin, "all": .shop(tenant, scopes: Set(Scope.allCases)), "reader": .shop(tenant, scopes: [.read]),
            "user": .endUser(tenant, UserID(stored: "u1")),
        ]
        dispatcher = Dispatcher(table: try RouteTable(SampleRoutes.all)) { token in
            if token == "broken" { throw Problem(.databaseUnavailable) }
            return credentials[token]
        } report: { [reports] _, id in
            reports.ids.withLock { $0.append(id) }
        }
    }

    private func ask(
        _ method: Request.Method, _ path: String, query: [(name: String, value: String)] = [], token: String? = nil,
        headers: KeyValuePairs<String, String> = [:], body: String = ""
    ) async -> Response {
        var headers = Headers(headers)
        if let token { headers.add("Authorization", "Bearer \(token)") }
        let segments = path.split(separator: "/").map(String.init)
        return await dispatcher.respond(to: Request(method: method, path: segments, query: query, headers: headers, body: Array(body.utf8)))
    }

    private static let json: KeyValuePairs = ["Content-Type": "application/json"]

    @Test func `A request that passes every check reaches its handler with what it gave`() async throws {
        let response = await ask(.post, "/v1/usage", token: "all", headers: Self.json, body: "{\"user_id\":\"u\",\"amount\":5}")
        #expect(response.status == 200 && response.headers["content-type"] == "application/json")
        let json = try #require(response.json)
        #expect(json == ["parameters": [:], "body": ["user_id": "u", "amount": 5], "as": "acme"])
        #expect(SampleRoutes.answer.validate(json).isEmpty)
    }

    @Test func `Values of the URL come typed and with their defaults`() async {
        let response = await ask(.get, "/v1/usage/u9", query: [("history", "true")], token: "reader")
        #expect(response.json?["parameters"] == ["user_id": "u9", "history": true, "amount": 1])
        let other = await ask(.get, "/v1/usage/u9", query: [("amount", "10")], token: "reader")
        #expect(other.json?["parameters"] == ["user_id": "u9", "amount": 10])
    }

    @Test func `A literal segment goes before a parameter`() async {
        let response = await ask(.get, "/v1/usage/batch", token: "reader")
        #expect(response.json?["parameters"] == [:])
    }

    @Test func `HEAD is answered like GET`() async {
        #expect(await ask(.head, "/healthz").status == 200)
        #expect(await ask(.head, "/v1/usage/u1").status == 401)
    }

    @Test(arguments: ["/", "/v1", "/v1/usage/u1/x", "/v1/Usage", "/v1/usage/u1/", "/openapi"])
    func `A path that is not there is 404, with a credential or without`(path: String) async {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let response = await dispatcher.respond(to: Request(method: .get, path: segments))
        #expect(response.status == 404 && response.json?["code"] == "not_found")
    }

    @Test func `Another method is 405 with what the path takes`() async {
        let response = await ask(.delete, "/v1/usage/u1")
        #expect(response.status == 405 && response.headers["allow"] == "GET, HEAD")
        #expect(await ask(.options, "/v1/usage").headers["allow"] == "POST")
        #expect(await ask(.other("BREW"), "/v1/usage").status == 405)
    }

    @Test(arguments: [nil, "nobody", "", "a b", "tok\u{E9}n"] as [String?])
    func `No token, or not a known one, is 401`(token: String?) async {
        let response = await ask(.post, "/v1/usage", token: token)
        #expect(response.status == 401 && response.headers["www-authenticate"] == "Bearer" && response.json?["code"] == "unauthorized")
    }

    @Test(arguments: ["Basic YWxs", "all", "Bearer", "Bearerall", "Bearer  all", "Bearer all x"])
    func `Another form of credential is 401`(value: String) async {
        #expect(await ask(.get, "/v1/usage/u1", headers: ["authorization": value]).status == 401)
    }

    @Test func `The scheme has no case, and two credentials are none`() async {
        #expect(await ask(.get, "/v1/usage/u1", headers: ["authorization": "bEARER all"]).status == 200)
        #expect(await ask(.get, "/v1/usage/u1", token: "all", headers: ["authorization": "Bearer all"]).status == 401)
    }

    @Test func `When credentials cannot be looked up, it is not the caller's fault`() async {
        let response = await ask(.get, "/v1/usage/u1", token: "broken")
        #expect(response.status == 503 && response.headers["retry-after"] != nil)
    }

    @Test(arguments: [
        ("root", Request.Method.post, "/v1/usage"), ("reader", .post, "/v1/usage"), ("user", .post, "/v1/usage"),
        ("all", .post, "/v1/admin/shops"),
        ("user", .post, "/v1/admin/shops"), ("user", .get, "/v1/usage/u2"), ("user", .get, "/v1/usage/batch"),
        ("root", .get, "/v1/usage/u1"),
    ])
    func `A credential that does not allow it is 403, before the body is looked at`(token: String, method: Request.Method, path: String)
        async
    {
        let response = await ask(method, path, token: token, headers: ["accept": "image/png"], body: "{")
        #expect(response.status == 403 && response.json?["code"] == "forbidden")
    }

    @Test func `An end user reads what is its own and defaults to it`() async {
        #expect(await ask(.get, "/v1/usage/u1", token: "user").json?["as"] == "acme/u1")
        #expect(await ask(.get, "/v1/holds", query: [("state", "open")], token: "user").json?["parameters"]?["user_id"] == "u1")
        #expect(await ask(.get, "/v1/holds", query: [("state", "open"), ("user_id", "u1")], token: "user").status == 200)
        #expect(await ask(.get, "/v1/holds", query: [("state", "open"), ("user_id", "u2")], token: "user").status == 403)
        #expect(await ask(.get, "/v1/holds", query: [("user_id", "u1"), ("user_id", "u2")], token: "user").status == 403)
        #expect(await ask(.get, "/v1/holds", query: [("state", "open")], token: "reader").json?["parameters"]?["user_id"] == nil)
    }

    @Test(arguments: [
        ("*/*", 200), ("application/json", 200), ("application/*", 200), ("APPLICATION/JSON", 200), ("text/html, */*;q=0.1", 200),
        ("application/problem+json", 200), ("application/json;q=0.5;x=y", 200), ("text/html", 406), ("application/json;q=0", 406),
        ("*/*;q=0", 406),
        ("application/json;q=0, */*", 200), ("application/*;q=0, */*", 406), ("text/*", 406), ("", 406), ("json", 406), ("*/*;q=2", 406),
    ])
    func `What the client takes must be among what is answered`(accept: String, status: Int) async {
        #expect(await ask(.get, "/v1/usage/u1", token: "all", headers: ["accept": accept]).status == status)
    }

    @Test(arguments: [
        ("text/csv", "text/csv"), ("*/*", "application/json"), ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("text/csv, application/json", "application/json"), ("text/*", "text/csv"), ("application/json;q=0,*/*", "text/csv"),
    ])
    func `The format liked best is the one to answer in`(accept: String, chosen: String) async {
        let response = await ask(.get, "/v1/export", token: "all", headers: ["accept": accept])
        #expect(response.headers["content-type"] == "\(chosen); charset=utf-8")
    }

    @Test(arguments: [
        ("application/json", 200), ("Application/JSON", 200), ("application/json; charset=utf-8", 200),
        ("application/json;charset=\"UTF-8\"", 200),
        ("application/json; charset=latin1", 415), ("text/json", 415), ("application/jsonp", 415),
        ("application/x-www-form-urlencoded", 415), ("", 415),
        ("application/json, application/json", 415),
    ])
    func `A body must say that it is JSON`(type: String, status: Int) async {
        let response = await ask(
            .post, "/v1/usage", token: "all", headers: ["content-type": type], body: "{\"user_id\":\"u\",\"amount\":5}")
        #expect(response.status == status)
    }

    @Test func `A body without a type is 415, and a type without a body is malformed`() async {
        #expect(await ask(.post, "/v1/usage", token: "all", body: "{}").status == 415)
        #expect(await ask(.post, "/v1/usage", token: "all").json?["code"] == "malformed_json")
        #expect(await ask(.post, "/v1/usage", token: "all", headers: Self.json).json?["code"] == "malformed_json")
    }

    @Test func `What is not JSON is 400 and what is not valid is 422`() async {
        let malformed = await ask(.post, "/v1/usage", token: "all", headers: Self.json, body: "{\"a\":01}")
        #expect(malformed.status == 400 && malformed.json?["detail"] == "expected , or }, at byte 6")
        let invalid = await ask(.post, "/v1/usage", token: "all", headers: Self.json, body: "{\"user_id\":\"u\",\"amount\":-5}")
        #expect(invalid.status == 422 && invalid.json?["code"] == "invalid_request")
        #expect(invalid.json?["errors"] == [["field": "amount", "message": "expected an integer from 0 to 9007199254740991"]])
    }

    @Test(arguments: [
        ([("amount", "11")], "amount"), ([("amount", "+1")], "amount"), ([("amount", "01")], "amount"), ([("amount", "")], "amount"),
        ([("amount", "1"), ("amount", "1")], "amount"), ([("history", "yes")], "history"), ([("histroy", "true")], "histroy"),
        ([("user_id", "u1")], "user_id"),
    ])
    func `A value of the query that is not valid, repeated or unknown is 422`(query: [(String, String)], field: String) async {
        let response = await ask(.get, "/v1/usage/u1", query: query.map { (name: $0.0, value: $0.1) }, token: "reader")
        #expect(response.status == 422 && response.json?["errors"]?.array?.first?["field"] == .string(field))
    }

    @Test func `A value that the query must have, and one of the path that is no id, are 422`() async {
        #expect(await ask(.get, "/v1/holds", token: "reader").json?["errors"] == [["field": "state", "message": "is required"]])
        #expect(await ask(.get, "/v1/usage/a b", token: "reader").json?["errors"]?.array?.first?["field"] == "user_id")
    }

    @Test func `Bodies that may be left out, that are raw and that are not wanted`() async {
        #expect(await ask(.post, "/v1/close", token: "all").json?["body"] == [:])
        #expect(await ask(.post, "/v1/close", token: "all", headers: Self.json, body: "{\"at\":\"now\"}").json?["body"] == ["at": "now"])
        #expect(await ask(.post, "/v1/close", token: "all", headers: Self.json, body: "{\"at\":\"x\"}").status == 422)
        #expect(await ask(.post, "/v1/hook/acme", headers: ["content-type": "text/plain"], body: "{{{").status == 200)
        #expect(await ask(.delete, "/v1/keys/k1", token: "all", headers: Self.json, body: "{}").status == 400)
        #expect(await ask(.delete, "/v1/keys/k1", token: "all").status == 200)
    }

    @Test func `The caller's id of the request comes back when it is one`() async throws {
        #expect(await ask(.get, "/healthz", headers: ["X-Request-Id": "abc-1"]).headers.values(of: "x-request-id") == ["abc-1"])
        #expect(await ask(.get, "/nowhere", headers: ["X-Request-Id": "abc-2"]).json?["request_id"] == "abc-2")
        let long = String(repeating: "a", count: 129)
        let made = try #require(await ask(.get, "/healthz", headers: ["X-Request-Id": long]).headers["x-request-id"])
        let next = try #require(await ask(.get, "/healthz", headers: ["X-Request-Id": "a b"]).headers["x-request-id"])
        #expect(made != next && TextFormat.identifier.accepts(made) && TextFormat.identifier.accepts(next))
    }

    @Test func `A failure that nobody foresaw is reported here and is bare outside`() async {
        let response = await ask(.get, "/fails", headers: ["x-request-id": "r7"])
        #expect(response.status == 500 && response.json?["code"] == "internal" && response.json?["detail"] == nil)
        #expect(reports.ids.withLock { $0 } == ["r7"])
        _ = await ask(.get, "/nowhere")
        #expect(reports.ids.withLock { $0.count } == 1)
    }

    @Test func `What the protocol refuses is answered as a problem with an id`() throws {
        let response = dispatcher.refusal(status: 431, detail: "the headers are too long")
        #expect(response.status == 431 && response.json?["detail"] == "the headers are too long")
        #expect(response.headers["x-request-id"] != nil)
    }
}
