import HTTP
import JSON
import Synchronization

@testable import Web

/// The sample routes behind a dispatcher that knows four tokens: `root`, `all`, `reader` and `user`.
struct SampleService {
    final class Reports: Sendable {
        let ids = Mutex<[String]>([])
    }

    let reports = Reports()
    let dispatcher: Dispatcher

    init() throws {
        let credentials: [String: SampleAccess.Credential] = [
            "root": .init(name: "root", scopes: ["admin"]), "all": .init(name: "acme", scopes: ["read", "usage", "manage"]),
            "reader": .init(name: "acme", scopes: ["read"]), "user": .init(name: "acme/u1", user: "u1"),
        ]
        dispatcher = Dispatcher(table: try RouteTable(SampleRoutes.all), requestID: .identifier) { token, _ in
            credentials[token]
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

extension Dispatcher {
    func respond(to request: Request) async -> Response { await handle(request).response }

    func refuse(_ error: RequestError, headers: Headers) -> Response { handle(error, headers: headers).response }
}

extension Response {
    /// The body as JSON; nil when it is none.
    var json: JSON? {
        guard case .bytes(let bytes) = body else { return nil }
        return try? JSON(parsing: bytes)
    }
}
