/// `origin-form = absolute-path [ "?" query ]` (RFC 9112, 3.2.1); `absolute-form = absolute-URI` (3.2.2); or `*` for OPTIONS (3.2.4), which has
/// no segments. The authority form is for CONNECT, which is not here.
struct RequestTarget: Sendable {
    /// The authority of the absolute form, which takes the place of the Host field; nil for the other forms.
    var authority: String?
    var path: [String] = []
    var query: [(name: String, value: String)] = []
    /// A bad percent escape. It is reported when the whole request has been read, because the message around it is well framed.
    var error: RequestError?

    init(_ bytes: Span<UInt8>, of method: Request.Method) throws(RequestError) {
        if method == .options, bytes.count == 1, bytes[0] == UInt8(ascii: "*") { return }
        guard bytes.isEmpty || bytes[0] != UInt8(ascii: "/"), let range = Self.authority(of: bytes) else {
            try readOrigin(bytes)
            return
        }
        let (authority, rest) = (bytes.extracting(range), bytes.extracting(range.upperBound..<bytes.count))
        guard !authority.isEmpty, authority[0] != UInt8(ascii: ":"), Authority.isValid(authority) else { throw .target }
        self.authority = Text.string(authority)
        // Without a path, OPTIONS is for the whole server.
        if rest.isEmpty, method == .options { return }
        try readOrigin(rest, mayLackPath: true)
    }

    /// The range of the authority in `http-URI = "http" "://" authority path-abempty [ "?" query ]` (RFC 9110, 4.2.1), or https alike; nil for
    /// a target of another form.
    private static func authority(of bytes: Span<UInt8>) -> Range<Int>? {
        for scheme in ["http://", "https://"] where starts(bytes, with: scheme) {
            let start = scheme.utf8.count
            let end = (start..<bytes.count).first { bytes[$0] == UInt8(ascii: "/") || bytes[$0] == UInt8(ascii: "?") }
            return start..<(end ?? bytes.count)
        }
        return nil
    }

    /// Whether the bytes start with the text, which must be in lower case, in any case.
    private static func starts(_ bytes: Span<UInt8>, with text: String) -> Bool {
        bytes.count >= text.utf8.count && zip(bytes.indices, text.utf8).allSatisfy { Text.lowercased(bytes[$0]) == $1 }
    }

    private mutating func readOrigin(_ bytes: Span<UInt8>, mayLackPath: Bool = false) throws(RequestError) {
        let pathEnd = Self.index(of: UInt8(ascii: "?"), in: bytes) ?? bytes.count
        guard pathEnd == 0 ? mayLackPath : bytes[0] == UInt8(ascii: "/") else { throw .target }
        let path = bytes.extracting(min(1, pathEnd)..<pathEnd)
        let query = bytes.extracting(min(pathEnd + 1, bytes.count)..<bytes.count)
        guard ByteSet.path.containsAll(of: path), ByteSet.query.containsAll(of: query) else { throw .target }
        decode(path, query)
    }

    private mutating func decode(_ path: Span<UInt8>, _ query: Span<UInt8>) {
        do throws(RequestError) {
            try split(path, at: UInt8(ascii: "/")) { (segment) throws(RequestError) in
                self.path.append(try PercentDecoding.text(segment))
            }
            try split(query, at: UInt8(ascii: "&")) { (pair) throws(RequestError) in
                if !pair.isEmpty { self.query.append(try Self.pair(pair)) }
            }
        } catch {
            self.error = error
        }
    }

    private static func pair(_ bytes: Span<UInt8>) throws(RequestError) -> (name: String, value: String) {
        let nameEnd = index(of: UInt8(ascii: "="), in: bytes) ?? bytes.count
        let value = bytes.extracting(min(nameEnd + 1, bytes.count)..<bytes.count)
        return (
            try PercentDecoding.text(bytes.extracting(0..<nameEnd), plusIsSpace: true),
            try PercentDecoding.text(value, plusIsSpace: true)
        )
    }

    private static func index(of byte: UInt8, in bytes: Span<UInt8>) -> Int? {
        for index in bytes.indices where bytes[index] == byte { return index }
        return nil
    }
}

private func split(
    _ bytes: Span<UInt8>, at separator: UInt8, each: (Span<UInt8>) throws(RequestError) -> Void
) throws(RequestError) {
    var start = 0
    for index in bytes.indices where bytes[index] == separator {
        try each(bytes.extracting(start..<index))
        start = index + 1
    }
    try each(bytes.extracting(start..<bytes.count))
}

/// `pct-encoded = "%" HEXDIG HEXDIG` (RFC 3986, 2.1), decoded once: the result is UTF-8 without NUL, or an error.
private enum PercentDecoding {
    static func text(_ bytes: Span<UInt8>, plusIsSpace: Bool = false) throws(RequestError) -> String {
        guard needsDecoding(bytes, plusIsSpace) else { return try string(bytes) }
        let decoded = try decode(bytes, plusIsSpace)
        return try string(decoded.span)
    }

    private static func needsDecoding(_ bytes: Span<UInt8>, _ plusIsSpace: Bool) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") || plusIsSpace && byte == UInt8(ascii: "+") { return true }
        }
        return false
    }

    private static func decode(_ bytes: Span<UInt8>, _ plusIsSpace: Bool) throws(RequestError) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                decoded.append(try escaped(in: bytes, at: index))
                index += 3
            } else {
                let isPlus = plusIsSpace && bytes[index] == UInt8(ascii: "+")
                decoded.append(isPlus ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    private static func escaped(in bytes: Span<UInt8>, at index: Int) throws(RequestError) -> UInt8 {
        guard index + 2 < bytes.count, let high = HexDigit.value(bytes[index + 1]), let low = HexDigit.value(bytes[index + 2])
        else { throw .escape }
        let byte = high << 4 | low
        if byte == 0 { throw .escapedNUL }
        return byte
    }

    private static func string(_ bytes: Span<UInt8>) throws(RequestError) -> String {
        guard let text = Text.string(bytes) else { throw .escapedText }
        return text
    }
}
