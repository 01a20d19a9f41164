/// One request, whole: the parser hands it on when the last byte of its body is there.
package struct Request: Sendable {
    package enum Method: Hashable, Sendable {
        case get, head, post, put, delete, patch, options
        case other(String)
    }

    package var method: Method
    /// The segments of the path, percent-decoded, without the leading empty one: `/v1/usage/u%201` is `["v1", "usage", "u 1"]`.
    package var path: [String]
    /// The query's names and values, percent-decoded, in order.
    package var query: [(name: String, value: String)]
    package var headers: Headers
    package var body: [UInt8]

    package init(
        method: Method, path: [String], query: [(name: String, value: String)] = [], headers: Headers = Headers(), body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

extension Request: Equatable {
    package static func == (left: Request, right: Request) -> Bool {
        left.method == right.method && left.path == right.path && left.query.elementsEqual(right.query, by: ==)
            && left.headers == right.headers && left.body == right.body
    }
}
