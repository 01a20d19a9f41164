import HTTP
import JSON
import Metering
import Service
import Web

@testable import API
@testable import Store

/// Routes of each kind of access behind a dispatcher that knows four tokens: `root`, `all`, `reader` and `user`. Each route answers with
/// its parameters, and with whose credential it saw.
struct AccessSample {
    private let dispatcher: Dispatcher

    init() throws {
        let tenant = Tenant(shop: ShopID(stored: "acme"))
        let credentials: [String: Service.Credential] = [
            "root": .admin, "all": .shop(tenant, scopes: Set(Scope.allCases), key: KeyID(stored: "k")),
            "reader": .shop(tenant, scopes: [.read], key: KeyID(stored: "k")),
            "user": .endUser(tenant, UserID(stored: "u1")),
        ]
        dispatcher = Dispatcher(table: try RouteTable(Self.routes), requestID: .identifier) { token, _ in
            if token == "broken" { throw Problem(.databaseUnavailable) }
            return credentials[token]
        } report: { _, _ in
        }
    }

    private static let routes = [
        route(.post, "/v1/admin/shops", .admin, body: .json(.object([]))),
        route(.post, "/v1/usage", .shop(.usage), body: .json(.object([]))),
        route(.get, "/v1/usage/{user_id}", .shop(.read, endUser: true), [.path("user_id")]),
        route(.get, "/v1/usage/batch", .shop(.read)),
        route(
            .get, "/v1/holds", .shop(.read, endUser: true),
            [.query("user_id", .identifier), .query("state", .enumeration(["open", "closed"]), required: true)]),
    ]

    static func route(
        _ method: Request.Method, _ pattern: String, _ access: Access, _ parameters: [Parameter] = [], body: RequestBody = .none
    ) -> Route {
        Route(
            method, pattern, id: "\(method.name) \(pattern)", "Sample", tag: "sample", access: access,
            idempotency: method == .post ? .natural("nothing is changed") : nil,
            parameters: parameters, body: body, answers: [.json(200, "What was given", .any)]
        ) { call in
            .json(200, ["parameters": .object(call.parameters), "as": .string(call.credential.map(name) ?? "nobody")])
        }
    }

    private static func name(_ credential: Service.Credential) -> String {
        switch credential {
        case .admin: "admin"
        case .shop(let tenant, _, _): tenant.shop.rawValue
        case .endUser(let tenant, let user): "\(tenant.shop)/\(user)"
        }
    }

    func ask(
        _ method: Request.Method, _ path: String, query: [(name: String, value: String)] = [], token: String? = nil,
        headers: KeyValuePairs<String, String> = [:], body: String = ""
    ) async -> Response {
        var headers = Headers(headers)
        if let token { headers.add("Authorization", "Bearer \(token)") }
        let segments = path.split(separator: "/").map(String.init)
        let request = Request(method: method, path: segments, query: query, headers: headers, body: Array(body.utf8))
        return await dispatcher.handle(request).response
    }
}
