import HTTP
import HTTPServer

/// Every route of the service, and the one that a request is for.
package struct RouteTable: Sendable {
    private let router: Router<PreparedRoute>

    /// Throws when a route is not sound in itself, or is there twice.
    package init(_ routes: [Route]) throws(RouteMistake) {
        let prepared = try routes.map { route throws(RouteMistake) in try PreparedRoute(route) }
        do {
            router = try Router(prepared.map { (method: $0.route.method, pattern: $0.route.pattern, target: $0) })
        } catch {
            throw RouteMistake(description: "\(error)")
        }
    }

    func match(_ method: Request.Method, _ path: [String]) -> Router<PreparedRoute>.Match {
        router.match(method, path)
    }
}
