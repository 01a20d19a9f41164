/// `origin-form = absolute-path [ "?" query ]` (RFC 9112, 3.2.1), and `*` for OPTIONS (3.2.4), which has no segments.
///
/// The absolute form, which only proxies are sent, is refused: it would be a second place for the host's name.
struct Target: Sendable {
    var path: [String] = []
    var query: [(name: String, value: String)] = []
    /// A bad escape, told when the whole message has been read.
    var refusal: RequestError?

    init(_ bytes: Span<UInt8>, of method: Request.Method) throws(RequestError) {
        if method == .options, bytes.count == 1, bytes[0] == UInt8(ascii: "*") { return }
        guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "/") else { throw .target }
        let pathEnd = Self.index(of: UInt8(ascii: "?"), in: bytes) ?? bytes.count
        let path = bytes.extracting(1..<pathEnd)
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
            refusal = error
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
