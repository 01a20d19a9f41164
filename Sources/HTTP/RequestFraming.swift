/// What a request's header fields say about its body's length (RFC 9112, 6.3) and its connection (9.3).
struct RequestFraming {
    enum Body: Equatable {
        case none
        /// Bytes, by `Content-Length`; more than 0.
        case length(Int)
        case chunked
    }

    let body: Body
    let keepsAlive: Bool
    let expectsContinue: Bool

    init(_ headers: Headers, version: ResponseContext.Version, limits: Limits) throws(RequestError) {
        let fields = FramingFields(headers)
        try Self.checkHost(fields, version)
        body = try Self.body(fields, version, limits)
        keepsAlive = !fields.closes && (version == .http11 || fields.keepsAlive)
        // An Expect field from an HTTP/1.0 client is ignored (RFC 9110, 10.1.1).
        expectsContinue = version == .http11 && fields.expectsContinue
    }

    private static func checkHost(_ fields: FramingFields, _ version: ResponseContext.Version) throws(RequestError) {
        guard let host = fields.host.value else {
            if version == .http10 { return }
            throw .host
        }
        guard fields.host.count == 1, Authority.isValid(host.utf8.span) else { throw .host }
    }

    private static func body(
        _ fields: FramingFields, _ version: ResponseContext.Version, _ limits: Limits
    ) throws(RequestError) -> Body {
        guard let encoding = fields.encoding.value else { return try length(fields.length, limits) }
        guard fields.length.count == 0 else { throw .bothLengths }
        guard fields.encoding.count == 1, version == .http11, Text.value(encoding, is: "chunked") else { throw .transferEncoding }
        return .chunked
    }

    private static func length(_ field: FramingFields.Field, _ limits: Limits) throws(RequestError) -> Body {
        guard let value = field.value else { return .none }
        guard field.count == 1, !value.isEmpty else { throw .contentLength }
        var length = 0
        var isTooLarge = false
        for byte in value.utf8 {
            guard let digit = HexDigit.value(byte), digit < 10 else { throw .contentLength }
            // A length over the limit stops growing, so that no number of digits overflows.
            if !isTooLarge { length = length * 10 + Int(digit) }
            isTooLarge = isTooLarge || length > limits.body
        }
        if isTooLarge { throw .bodyTooLarge }
        return length == 0 ? .none : .length(length)
    }
}

/// The header fields that framing goes by, found in one pass.
private struct FramingFields {
    /// A field that may be there once.
    struct Field {
        var count = 0
        /// The first value.
        var value: String?

        mutating func add(_ value: String) {
            if count == 0 { self.value = value }
            count += 1
        }
    }

    private(set) var host = Field()
    private(set) var length = Field()
    private(set) var encoding = Field()
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var expectsContinue = false

    init(_ headers: Headers) {
        for (name, value) in headers.fields {
            switch name {
            case "host": host.add(value)
            case "content-length": length.add(value)
            case "transfer-encoding": encoding.add(value)
            case "connection":
                closes = closes || Text.list(value, names: "close")
                keepsAlive = keepsAlive || Text.list(value, names: "keep-alive")
            case "expect": expectsContinue = expectsContinue || Text.list(value, names: "100-continue")
            default: break
            }
        }
    }
}
