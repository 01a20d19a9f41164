/// A handler's answer to a request. The encoder adds `content-length` or `transfer-encoding`, `date` and `connection`; a handler never does.
package struct Response: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written in pieces, with chunked encoding. When the closure throws, the connection is cut before the last chunk, so that the
        /// client sees that the body is incomplete.
        case stream(@Sendable (any BodyWriter) async throws -> Void)
    }

    package var status: Int
    package var headers: Headers
    package var body: Body
    /// Whether the request's credential was valid, and the request served: when places run out, the server keeps such a caller's connection before a stranger's.
    package var isForKnownCaller = false

    package init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: .bytes(body))
    }

    package init(status: Int, headers: Headers, body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The destination of a streamed body.
package protocol BodyWriter: Sendable {
    /// Returns when there is room for another piece. Throws when the client is gone or the server stops.
    func write(_ bytes: [UInt8]) async throws
}

/// The facts about a request that the encoding of its response depends on.
package struct ResponseContext: Sendable, Equatable {
    package enum Version: Sendable, Equatable { case http10, http11 }

    package var version = Version.http11
    /// Whether the request is HEAD, whose response is sent without its body (RFC 9110, 9.3.2).
    package var isHead = false
    /// Whether the connection takes another request after this one (RFC 9112, 9.3).
    package var keepsAlive = true

    package init() {}

    /// The context of an input that never became a request.
    static let closing: ResponseContext = {
        var context = ResponseContext()
        context.keepsAlive = false
        return context
    }()
}
