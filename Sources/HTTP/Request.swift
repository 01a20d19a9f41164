/// One whole request: the parser hands it over when the last byte of its body has arrived.
package struct Request: Sendable {
    package enum Method: Hashable, Sendable {
        case get, head, post, put, delete, patch, options
        case other(String)
    }

    package var method: Method
    /// The path's segments, percent-decoded, without the empty one before the first slash: `/v1/usage/u%201` is `["v1", "usage", "u 1"]`.
    package var path: [String]
    /// The query's names and values, percent-decoded, in the order of the target.
    package var query: [(name: String, value: String)]
    package var headers: Headers
    package var body: [UInt8]
    /// Whose request it is, as bounds per client count it: an IPv4 address, or the /64 network of an IPv6 address; without a port. Behind a
    /// proxy it is the proxy's. Nil until the server sets it.
    package var remote: String?

    package init(
        method: Method, path: [String], query: [(name: String, value: String)] = [], headers: Headers = Headers(), body: [UInt8] = [],
        remote: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remote = remote
    }
}

extension Request: Equatable {
    package static func == (left: Request, right: Request) -> Bool {
        left.method == right.method && left.path == right.path && left.query.elementsEqual(right.query, by: ==)
            && left.headers == right.headers && left.body == right.body && left.remote == right.remote
    }
}

extension Request.Method {
    /// The method of this name, which is compared with case (RFC 9110, 9.1).
    package init(_ name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        case "PATCH": self = .patch
        case "OPTIONS": self = .options
        default: self = .other(name)
        }
    }

    /// Whether the method asks for no change (RFC 9110, 9.2.1).
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options: true
        case .post, .put, .delete, .patch, .other: false
        }
    }

    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }
}
