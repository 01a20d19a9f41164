/// `request-line = method SP request-target SP HTTP-version` (RFC 9112, 3)
struct RequestLine: Sendable {
    var method: Request.Method
    var version: ResponseContext.Version
    var target: RequestTarget

    init(_ line: Span<UInt8>) throws(RequestError) {
        guard let methodEnd = Self.space(in: line, from: 0), let targetEnd = Self.space(in: line, from: methodEnd + 1) else {
            throw .requestLine
        }
        method = try Self.method(line.extracting(0..<methodEnd))
        version = try Self.version(line.extracting(targetEnd + 1..<line.count))
        target = try RequestTarget(line.extracting(methodEnd + 1..<targetEnd), of: method)
    }

    private static func space(in line: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < line.count {
            if line[index] == UInt8(ascii: " ") { return index }
            index += 1
        }
        return nil
    }

    private static func method(_ bytes: Span<UInt8>) throws(RequestError) -> Request.Method {
        guard !bytes.isEmpty, ByteSet.token.containsAll(of: bytes), let name = Text.string(bytes) else { throw .method }
        return Request.Method(name)
    }

    /// HTTP/1.1 or HTTP/1.0. Any other version gets 400, where RFC 9110, 15.6.6, has 505.
    private static func version(_ bytes: Span<UInt8>) throws(RequestError) -> ResponseContext.Version {
        switch Text.string(bytes) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        default: throw .version
        }
    }
}
