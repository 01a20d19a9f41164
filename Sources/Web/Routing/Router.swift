import Bytes
package import HTTP

/// Why patterns make no router. It stands outside of the generic `Router`, since the optimizer of Swift 6.3.1 crashes on a typed throw of a
/// generic type's own error.
package enum RouterMistake: Error, Equatable {
    /// Two patterns that match the same requests.
    case conflict(String, String)
    /// Text that is not a pattern.
    case pattern(String)
}

/// Finds a target by the method and the path of a request. Patterns are like `/v1/usage/{user_id}/events`; where a literal segment and a
/// parameter both match, the literal wins.
package struct Router<Target: Sendable>: Sendable {
    package enum Match: Sendable {
        case found(Target, parameters: [String: String])
        /// The path is there for these methods, and not for the request's (RFC 9110, 15.5.6).
        case methodNotAllowed(allow: [Request.Method])
        case notFound
    }

    /// A route at the end of its pattern.
    private struct Leaf: Sendable {
        let method: Request.Method
        let pattern: String
        /// The names of the pattern's parameters, in order.
        let names: [String]
        let target: Target
    }

    /// A segment of the patterns, with the indices of the segments that may follow it.
    private struct Node: Sendable {
        var literals: [Bytewise<String>: Int] = [:]
        var parameter: Int?
        var leaves: [Leaf] = []

        func has(_ method: Request.Method) -> Bool { leaves.contains { $0.method == method } }
    }

    private var nodes = [Node()]

    package init(_ routes: [(method: Request.Method, pattern: String, target: Target)]) throws(RouterMistake) {
        for route in routes { try add(route.method, route.pattern, route.target) }
    }

    /// `path` is the request's segments, percent-decoded. A HEAD without a route of its own finds that of GET (RFC 9110, 9.3.2).
    package func match(_ method: Request.Method, _ path: [String]) -> Match {
        var search = Search(method: method, path: path)
        if let leaf = find(&search, from: 0, at: 0) {
            return .found(leaf.target, parameters: Dictionary(zip(leaf.names, search.values)) { first, _ in first })
        }
        var allowed = search.allowed
        if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allow: allowed)
    }

    /// A walk along one path.
    private struct Search {
        let method: Request.Method
        let path: [String]
        /// The segments that stand for parameters, from the first node to the present one.
        var values: [String] = []
        /// The methods of the routes at the ends of the path, each once.
        var allowed: [Request.Method] = []
    }

    /// The route of the method at the end of the path from `node` and the segment `position`: by literal segments first, then by parameters, which
    /// are never empty.
    private func find(_ search: inout Search, from node: Int, at position: Int) -> Leaf? {
        let place = nodes[node]
        guard position < search.path.count else { return leaf(of: place, for: &search) }
        let segment = search.path[position]
        if let literal = place.literals[Bytewise(wrappedValue: segment)], let leaf = find(&search, from: literal, at: position + 1) {
            return leaf
        }
        guard let parameter = place.parameter, !segment.isEmpty else { return nil }
        search.values.append(segment)
        if let leaf = find(&search, from: parameter, at: position + 1) { return leaf }
        search.values.removeLast()
        return nil
    }

    private func leaf(of node: Node, for search: inout Search) -> Leaf? {
        for leaf in node.leaves where leaf.method == search.method || leaf.method == .get && search.method == .head && !node.has(.head) {
            return leaf
        }
        for leaf in node.leaves where !search.allowed.contains(leaf.method) { search.allowed.append(leaf.method) }
        return nil
    }
}

extension Router {
    private mutating func add(_ method: Request.Method, _ pattern: String, _ target: Target) throws(RouterMistake) {
        guard pattern.hasPrefix("/") else { throw .pattern(pattern) }
        var names: [String] = []
        var node = 0
        for segment in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            node = try next(node, segment, pattern, &names)
        }
        if let other = nodes[node].leaves.first(where: { $0.method == method }) { throw .conflict(other.pattern, pattern) }
        nodes[node].leaves.append(Leaf(method: method, pattern: pattern, names: names, target: target))
    }

    private mutating func next(_ node: Int, _ segment: Substring, _ pattern: String, _ names: inout [String]) throws(RouterMistake) -> Int {
        guard segment.contains(where: { $0 == "{" || $0 == "}" }) else {
            return child(node, \.literals[Bytewise(wrappedValue: String(segment))])
        }
        let name = String(segment.dropFirst().dropLast())
        guard segment.first == "{", segment.last == "}", !name.isEmpty, !name.contains(where: { $0 == "{" || $0 == "}" }),
            !names.contains(name)
        else { throw .pattern(pattern) }
        names.append(name)
        return child(node, \.parameter)
    }

    private mutating func child(_ node: Int, _ link: WritableKeyPath<Node, Int?>) -> Int {
        if let child = nodes[node][keyPath: link] { return child }
        nodes.append(Node())
        nodes[node][keyPath: link] = nodes.count - 1
        return nodes.count - 1
    }
}
