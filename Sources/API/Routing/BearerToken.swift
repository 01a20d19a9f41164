import HTTP

/// `Authorization: Bearer b64token` (RFC 6750, 2.1).
enum BearerToken {
    private static let scheme = "bearer "
    /// An end user's JWT is the longest.
    private static let longest = 4096

    /// Nil unless there is one such header, of this form.
    static func token(in headers: Headers) -> String? {
        let values = headers.values(of: "authorization")
        guard values.count == 1, values[0].prefix(scheme.count).lowercased() == scheme else { return nil }
        let token = values[0].dropFirst(scheme.count)
        guard (1...longest).contains(token.utf8.count), token.utf8.allSatisfy(isAllowed) else { return nil }
        return String(token)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        default: false
        }
    }
}
