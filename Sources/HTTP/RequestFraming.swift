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
        try Self.checkHost(headers, version)
        body = try Self.body(headers, version, limits)
        keepsAlive = Self.keepsAlive(headers, version)
        // An Expect field from an HTTP/1.0 client is ignored (RFC 9110, 10.1.1).
        expectsContinue = version == .http11 && headers.values(of: "expect").contains { Text.list($0, names: "100-continue") }
    }

    private static func checkHost(_ headers: Headers, _ version: ResponseContext.Version) throws(RequestError) {
        let hosts = headers.values(of: "host")
        guard hosts.count == 1 || hosts.isEmpty && version == .http10 else { throw .host }
        for host in hosts where !Authority.isValid(host.utf8.span) { throw .host }
    }

    private static func body(_ headers: Headers, _ version: ResponseContext.Version, _ limits: Limits) throws(RequestError) -> Body {
        let lengths = headers.values(of: "content-length")
        let encodings = headers.values(of: "transfer-encoding")
        guard let encoding = encodings.first else { return try length(lengths, limits) }
        guard lengths.isEmpty else { throw .bothLengths }
        guard encodings.count == 1, version == .http11, Text.value(encoding, is: "chunked") else { throw .transferEncoding }
        return .chunked
    }

    private static func length(_ values: [String], _ limits: Limits) throws(RequestError) -> Body {
        guard let value = values.first else { return .none }
        guard values.count == 1, !value.isEmpty else { throw .contentLength }
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

    private static func keepsAlive(_ headers: Headers, _ version: ResponseContext.Version) -> Bool {
        let options = headers.values(of: "connection")
        if options.contains(where: { Text.list($0, names: "close") }) { return false }
        return version == .http11 || options.contains { Text.list($0, names: "keep-alive") }
    }
}
