import HTTP
import JSON

/// A route with what every request of it needs, worked out once.
final class PreparedRoute: Sendable {
    let route: Route
    let pathParameters: [Parameter]
    let queryParameters: [String: Parameter]
    /// What it answers in when it succeeds; JSON when that has no body.
    let mediaTypes: [String]

    init(_ route: Route) throws(RouteMistake) {
        self.route = route
        pathParameters = route.parameters.filter { $0.place == .path }
        let inQuery = route.parameters.filter { $0.place == .query }
        queryParameters = Dictionary(inQuery.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let answered = route.answers.filter { $0.status < 300 }.flatMap { $0.content.map(\.mediaType) }
        mediaTypes = answered.isEmpty ? [MediaType.json] : answered
        try check(queryCount: inQuery.count)
    }

    private var namesInPattern: [String] {
        route.pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    private func check(queryCount: Int) throws(RouteMistake) {
        guard namesInPattern.sorted() == pathParameters.map(\.name).sorted() else {
            throw RouteMistake(route: route, "the path's parameters are not those of its pattern")
        }
        guard queryCount == queryParameters.count, queryParameters.keys.allSatisfy({ !namesInPattern.contains($0) }) else {
            throw RouteMistake(route: route, "a parameter is declared twice")
        }
        guard route.answers.contains(where: { $0.status < 400 }) else { throw RouteMistake(route: route, "it has no answer") }
        if route.access.admitsEndUsers { try checkForEndUsers() }
    }

    /// A route for end users must say whose data it is about, or it would show everyone's.
    private func checkForEndUsers() throws(RouteMistake) {
        guard route.method == .get else { throw RouteMistake(route: route, "end users only read") }
        guard route.parameters.contains(where: { $0.name == EndUserRule.parameter }) else {
            throw RouteMistake(route: route, "it admits end users and has no user_id")
        }
    }
}

/// A route that cannot be served as it is declared; found when the table is made.
package struct RouteMistake: Error, CustomStringConvertible {
    package let description: String

    init(description: String) { self.description = description }

    init(route: Route, _ what: String) {
        description = "\(route.method) \(route.pattern): \(what)"
    }
}
