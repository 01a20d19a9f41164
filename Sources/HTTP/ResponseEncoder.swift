/// Writes responses as HTTP/1.1 messages (RFC 9112). Nothing a handler puts into a field can end the field.
package enum ResponseEncoder {
    /// How the body of a response goes on after its head.
    package enum Framing: Sendable, Equatable {
        /// All is written.
        case complete
        /// Chunks follow, and the last chunk ends it.
        case chunked
        /// Plain bytes follow, and the end of the connection ends it: HTTP/1.0 knows no chunks.
        case untilClose
    }

    /// The answer to `Expect: 100-continue`.
    package static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// - Parameter date: the `Date` field's value.
    package static func append(
        _ response: Response, to out: inout [UInt8], answering exchange: ResponseContext, date: String
    ) -> Framing {
        let framing = framing(of: response, answering: exchange)
        appendStatusLine(response.status, to: &out)
        appendFields(response.headers, to: &out)
        appendLength(of: response, framing, to: &out)
        append("date: ", date, to: &out)
        appendConnection(exchange, framing, to: &out)
        out.append(contentsOf: "\r\n".utf8)
        if case .bytes(let body) = response.body, !exchange.isHead, mayHaveBody(response.status) { out.append(contentsOf: body) }
        return framing
    }

    /// Whether a body follows the head, and how; `complete` also means that a stream must not run.
    package static func framing(of response: Response, answering exchange: ResponseContext) -> Framing {
        guard case .stream = response.body, !exchange.isHead, mayHaveBody(response.status) else { return .complete }
        return exchange.version == .http11 ? .chunked : .untilClose
    }

    /// RFC 9110, 15.3.5 and 15.4.5
    private static func mayHaveBody(_ status: Int) -> Bool {
        status != 204 && status != 304
    }

    private static func appendStatusLine(_ status: Int, to out: inout [UInt8]) {
        // A final status has three digits and is not below 200; anything else is a handler's error.
        let sent = (200...999).contains(status) ? status : 500
        out.append(contentsOf: "HTTP/1.1 ".utf8)
        Decimal.append(sent, to: &out)
        append(" ", StatusText.of(sent), to: &out)
    }

    private static func appendLength(of response: Response, _ framing: Framing, to out: inout [UInt8]) {
        guard mayHaveBody(response.status) else { return }
        switch response.body {
        case .bytes(let body):
            out.append(contentsOf: "content-length: ".utf8)
            Decimal.append(body.count, to: &out)
            out.append(contentsOf: "\r\n".utf8)
        case .stream where framing != .untilClose:
            out.append(contentsOf: "transfer-encoding: chunked\r\n".utf8)
        case .stream:
            break
        }
    }

    private static func appendConnection(_ exchange: ResponseContext, _ framing: Framing, to out: inout [UInt8]) {
        if !exchange.keepsAlive || framing == .untilClose {
            out.append(contentsOf: "connection: close\r\n".utf8)
        } else if exchange.version == .http10 {
            out.append(contentsOf: "connection: keep-alive\r\n".utf8)
        }
    }

    private static func append(_ start: String, _ rest: String, to out: inout [UInt8]) {
        out.append(contentsOf: start.utf8)
        out.append(contentsOf: rest.utf8)
        out.append(contentsOf: "\r\n".utf8)
    }
}

/// The handler's own fields.
extension ResponseEncoder {
    /// The connection's own fields are the encoder's alone: a second length would split the stream (RFC 9112, 6.3).
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

    /// CR, LF, NUL and other control bytes become spaces (RFC 9110, 5.5).
    private static func appendValue(_ value: String, to out: inout [UInt8]) {
        let start = out.count
        out.append(contentsOf: value.utf8)
        let allowed = ByteSet.fieldValue
        for index in start..<out.count where !allowed.contains(out[index]) { out[index] = UInt8(ascii: " ") }
    }
}

enum Decimal {
    /// - Parameter number: not below 0.
    static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &out) }
        out.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
