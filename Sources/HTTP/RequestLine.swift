/// `request-line = method SP request-target SP HTTP-version` (RFC 9112, 3)
struct RequestLine: Sendable {
    var method: Request.Method
    var version: ResponseContext.Version
    var target: Target

    init(_ line: Span<UInt8>) throws(RequestError) {
        guard let methodEnd = Self.space(in: line, from: 0), let targetEnd = Self.space(in: line, from: methodEnd + 1) else {
            throw .requestLine
        }
        method = try Self.method(line.extracting(0..<methodEnd))
        version = try Self.version(line.extracting(targetEnd + 1..<line.count))
        target = try Target(line.extracting(methodEnd + 1..<targetEnd), of: method)
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

    /// Two versions only; a newer one is asked to come down (RFC 9110, 15.6.6 would say 505).
    private static func version(_ bytes: Span<UInt8>) throws(RequestError) -> ResponseContext.Version {
        switch Text.string(bytes) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        default: throw .version
        }
    }
}

extension Request.Method {
    /// A method's name, which is compared with case (RFC 9110, 9.1).
    package init(_ name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        case "PATCH": self = .patch
        case "OPTIONS": self = .options
        default: self = .other(name)
        }
    }

    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }
}
