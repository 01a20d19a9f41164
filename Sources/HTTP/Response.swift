/// What a handler answers. The encoder adds `content-length` or `transfer-encoding`, `date` and `connection`; a handler never sets them.
package struct Response: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece with chunked encoding. When it throws, the connection is cut before the last chunk, so that the
        /// client sees that the answer is not whole.
        case stream(@Sendable (any BodyWriter) async throws -> Void)
    }

    package var status: Int
    package var headers: Headers
    package var body: Body

    package init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: .bytes(body))
    }

    package init(status: Int, headers: Headers, body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Where a streamed body goes.
package protocol BodyWriter: Sendable {
    /// Returns when there is room for more; throws when the client is gone or the server must stop.
    func write(_ bytes: [UInt8]) async throws
}
