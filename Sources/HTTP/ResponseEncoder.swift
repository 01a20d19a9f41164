/// Writes responses as HTTP/1.1 messages (RFC 9112). No name or value that a handler sets can end its header line.
package enum ResponseEncoder {
    /// What follows the bytes that `append` has written.
    package enum Framing: Sendable, Equatable {
        /// Nothing: the response is whole.
        case complete
        /// Chunks, up to the last chunk.
        case chunked
        /// Plain bytes, up to the end of the connection, because HTTP/1.0 has no chunks.
        case untilClose
    }

    /// The answer to `Expect: 100-continue`.
    package static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends the response's head, and its body unless that is a stream.
    /// - Parameter date: the `Date` field's value.
    package static func append(
        _ response: Response, to out: inout [UInt8], answering context: ResponseContext, date: String
    ) -> Framing {
        let framing = framing(of: response, answering: context)
        appendStatusLine(response.status, to: &out)
        appendFields(response.headers, to: &out)
        appendLength(of: response, framing, to: &out)
        append("date: ", date, to: &out)
        appendConnection(context, framing, to: &out)
        out.append(contentsOf: "\r\n".utf8)
        if case .bytes(let body) = response.body, !context.isHead, mayHaveBody(response.status) { out.append(contentsOf: body) }
        return framing
    }

    /// How the response's body is delimited. With `complete`, a stream must not run.
    package static func framing(of response: Response, answering context: ResponseContext) -> Framing {
        guard case .stream = response.body, !context.isHead, mayHaveBody(response.status) else { return .complete }
        return context.version == .http11 ? .chunked : .untilClose
    }

    /// No Content and Not Modified never have a body (RFC 9110, 15.3.5 and 15.4.5).
    private static func mayHaveBody(_ status: Int) -> Bool {
        status != 204 && status != 304
    }

    private static func appendStatusLine(_ status: Int, to out: inout [UInt8]) {
        // A final status is 200 to 999; any other is a handler's mistake.
        let sent = (200...999).contains(status) ? status : 500
        out.append(contentsOf: "HTTP/1.1 ".utf8)
        DecimalDigits.append(sent, to: &out)
        append(" ", ReasonPhrase.of(sent), to: &out)
    }

    private static func appendLength(of response: Response, _ framing: Framing, to out: inout [UInt8]) {
        guard mayHaveBody(response.status) else { return }
        switch response.body {
        case .bytes(let body):
            out.append(contentsOf: "content-length: ".utf8)
            DecimalDigits.append(body.count, to: &out)
            out.append(contentsOf: "\r\n".utf8)
        case .stream where framing != .untilClose:
            out.append(contentsOf: "transfer-encoding: chunked\r\n".utf8)
        case .stream:
            break
        }
    }

    private static func appendConnection(_ context: ResponseContext, _ framing: Framing, to out: inout [UInt8]) {
        if !context.keepsAlive || framing == .untilClose {
            out.append(contentsOf: "connection: close\r\n".utf8)
        } else if context.version == .http10 {
            out.append(contentsOf: "connection: keep-alive\r\n".utf8)
        }
    }

    private static func append(_ start: String, _ rest: String, to out: inout [UInt8]) {
        out.append(contentsOf: start.utf8)
        out.append(contentsOf: rest.utf8)
        out.append(contentsOf: "\r\n".utf8)
    }
}

/// The header fields that a handler sets.
extension ResponseEncoder {
    /// The fields that only the encoder writes: a handler's second length would let a client split the stream elsewhere (RFC 9112, 6.3).
    private static func isReserved(_ name: String) -> Bool {
        switch name {
        case "content-length", "transfer-encoding", "connection", "date", "keep-alive", "upgrade", "trailer": true
        default: false
        }
    }

    private static func appendFields(_ headers: Headers, to out: inout [UInt8]) {
        let token = ByteSet.token
        for (name, value) in headers.fields where !isReserved(name) && !name.isEmpty && name.utf8.allSatisfy(token.contains) {
            out.append(contentsOf: name.utf8)
            out.append(contentsOf: ": ".utf8)
            appendValue(value, to: &out)
            out.append(contentsOf: "\r\n".utf8)
        }
    }

    /// Appends the value with a space for each CR, LF, NUL and other control byte (RFC 9110, 5.5).
    private static func appendValue(_ value: String, to out: inout [UInt8]) {
        let start = out.count
        out.append(contentsOf: value.utf8)
        let allowed = ByteSet.fieldValue
        for index in start..<out.count where !allowed.contains(out[index]) { out[index] = UInt8(ascii: " ") }
    }
}
