import HTTP

/// Every route of the service, and the one that a request is for.
package struct RouteTable: Sendable {
    /// A route found, with the path's parameters; or why there is none.
    enum Match {
        case found(PreparedRoute, parameters: [String: String])
        case methodNotAllowed(allow: [Request.Method])
        case notFound
    }

    let prepared: [PreparedRoute]

    /// Throws when a route is not sound in itself, or is there twice.
    package init(_ routes: [Route]) throws(RouteMistake) {
        var prepared: [PreparedRoute] = []
        var seen: Set<[String]> = []
        for route in routes {
            let next = try PreparedRoute(route)
            guard seen.insert([route.method.token] + next.segments.map(\.shape)).inserted else {
                throw RouteMistake(route: route, "it is there twice")
            }
            prepared.append(next)
        }
        self.prepared = prepared
    }

    package var routes: [Route] { prepared.map(\.route) }

    /// The one place that knows how a path finds its route. A literal segment goes before a parameter.
    func match(_ method: Request.Method, _ path: [String]) -> Match {
        let fitting = prepared.compactMap { one in one.parameters(of: path).map { (prepared: one, parameters: $0) } }
        guard let closest = fitting.map(\.parameters.count).min() else { return .notFound }
        let candidates = fitting.filter { $0.parameters.count == closest }
        let wanted = method == .head ? .get : method
        if let found = candidates.first(where: { $0.prepared.route.method == wanted }) {
            return .found(found.prepared, parameters: found.parameters)
        }
        let methods = candidates.map(\.prepared.route.method)
        return .methodNotAllowed(allow: methods.contains(.get) ? methods + [.head] : methods)
    }
}

extension PreparedRoute.Segment {
    /// The same for every parameter, whatever its name.
    fileprivate var shape: String {
        switch self {
        case .literal(let text): "/" + text
        case .parameter: "{}"
        }
    }
}

extension Request.Method {
    /// The method as it stands in a request line.
    package var token: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other(let token): token
        }
    }
}
