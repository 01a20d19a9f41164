import HTTP
import Metering
import Service
import Synchronization

@testable import API
@testable import Store

/// The sample routes behind a dispatcher that knows four tokens: `root`, `all`, `reader` and `user`.
struct SampleService {
    final class Reports: Sendable {
        let ids = Mutex<[String]>([])
    }

    let reports = Reports()
    let dispatcher: Dispatcher

    init() throws {
        let tenant = Tenant(shop: ShopID(stored: "acme"))
        let credentials: [String: Credential] = [
            "root": .admin, "all": .shop(tenant, scopes: Set(Scope.allCases), key: KeyID(stored: "k")),
            "reader": .shop(tenant, scopes: [.read], key: KeyID(stored: "k")),
            "user": .endUser(tenant, UserID(stored: "u1")),
        ]
        dispatcher = Dispatcher(table: try RouteTable(SampleRoutes.all)) { token in
            if token == "broken" { throw Problem(.databaseUnavailable) }
            return credentials[token]
        } report: { [reports] _, id in
            reports.ids.withLock { $0.append(id) }
        }
    }

    func ask(
        _ method: Request.Method, _ path: String, query: [(name: String, value: String)] = [], token: String? = nil,
        headers: KeyValuePairs<String, String> = [:], body: String = ""
    ) async -> Response {
        var headers = Headers(headers)
        if let token { headers.add("Authorization", "Bearer \(token)") }
        let segments = path.split(separator: "/").map(String.init)
        return await dispatcher.respond(to: Request(method: method, path: segments, query: query, headers: headers, body: Array(body.utf8)))
    }

    static let json: KeyValuePairs = ["Content-Type": "application/json"]
}
