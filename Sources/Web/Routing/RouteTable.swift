import Bytes
package import HTTP
import JSON

/// Every route of an interface. It finds the one that a request is for.
package struct RouteTable<Access: AccessRule>: Sendable {
    private let router: Router<PreparedRoute<Access>>
    /// The methods that any path takes, by their names.
    let methods: [String]

    /// Throws when a route contradicts itself, or two routes are for the same requests or have one id.
    package init(_ routes: [Route<Access>]) throws(RouteMistake) {
        var ids: Set<String> = []
        for route in routes where !ids.insert(route.id).inserted {
            throw RouteMistake(description: "\(route.method) \(route.pattern): another route is called \(route.id)")
        }
        methods = Set(routes.map(\.method.name) + [Request.Method.head.name, Request.Method.options.name]).sorted()
        let prepared = try routes.map { route throws(RouteMistake) in try PreparedRoute(route) }
        do {
            router = try Router(prepared.map { (method: $0.route.method, pattern: $0.route.pattern, target: $0) })
        } catch {
            throw RouteMistake(description: "\(error)")
        }
    }

    package func match(_ method: Request.Method, _ path: [String]) -> Router<PreparedRoute<Access>>.Match {
        router.match(method, path)
    }
}

/// A route with what each of its requests needs, worked out once.
package final class PreparedRoute<Access: AccessRule>: Sendable {
    package let route: Route<Access>
    let pathParameters: [Parameter]
    let queryParameters: [Bytewise<String>: Parameter]
    /// The media types that the route answers in when it succeeds, the preferred one first; JSON when it answers without a body.
    let mediaTypes: [String]

    init(_ route: Route<Access>) throws(RouteMistake) {
        self.route = route
        pathParameters = route.parameters.filter { $0.location == .path }
        let inQuery = route.parameters.filter { $0.location == .query }
        queryParameters = Dictionary(inQuery.map { (Bytewise(wrappedValue: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
        let answered = route.answers.filter { $0.status < 300 }.flatMap { $0.content.map(\.mediaType) }
        mediaTypes = answered.isEmpty ? [MediaType.json] : answered
        if let objection = objection(queryCount: inQuery.count) ?? route.access.objection(to: route) {
            throw RouteMistake(description: "\(route.method) \(route.pattern): \(objection)")
        }
    }

    private var namesInPattern: [String] {
        route.pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    private func objection(queryCount: Int) -> String? {
        guard namesInPattern.sorted() == pathParameters.map(\.name).sorted() else {
            return "the path's parameters are not those of its pattern"
        }
        guard queryCount == queryParameters.count, queryParameters.values.allSatisfy({ !namesInPattern.contains($0.name) }) else {
            return "a parameter is declared twice"
        }
        guard route.answers.contains(where: { $0.status < 400 }) else { return "it has no answer" }
        guard (route.method == .post) == (route.idempotency != nil) else {
            return "a POST declares how a repeated request is met, and no other method does"
        }
        return nil
    }
}

/// A route that cannot be served as it is declared; found when the table is made.
package struct RouteMistake: Error, CustomStringConvertible {
    package let description: String
}
