internal import Glibc

/// `uri-host [ ":" port ]` (RFC 9110, 7.2): the value of a Host field, and the authority of an absolute target, which has no `userinfo` here.
enum Authority {
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard let hostEnd = hostEnd(bytes) else { return false }
        return isPort(bytes.extracting(hostEnd..<bytes.count))
    }

    /// The end of `uri-host = IP-literal / IPv4address / reg-name` (RFC 3986, 3.2.2); nil when it is malformed.
    private static func hostEnd(_ bytes: Span<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "[") else {
            let end = bytes.indices.first { bytes[$0] == UInt8(ascii: ":") } ?? bytes.count
            return isName(bytes.extracting(0..<end)) ? end : nil
        }
        guard let close = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "]") }), isLiteral(bytes.extracting(1..<close)) else {
            return nil
        }
        return close + 1
    }

    /// `[ ":" port ]`, where `port = *DIGIT` (RFC 3986, 3.2.3)
    private static func isPort(_ bytes: Span<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        return bytes[0] == UInt8(ascii: ":") && ByteSet.digit.containsAll(of: bytes.extracting(1..<bytes.count))
    }

    /// `reg-name = *( unreserved / pct-encoded / sub-delims )` (RFC 3986, 3.2.2), which an IPv4 address is too
    private static func isName(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, HexDigit.value(bytes[index + 1]) != nil, HexDigit.value(bytes[index + 2]) != nil else {
                    return false
                }
                index += 2
            } else if !ByteSet.name.contains(bytes[index]) {
                return false
            }
            index += 1
        }
        return true
    }

    /// `IPv6address / IPvFuture`, where `IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )` (RFC 3986, 3.2.2)
    private static func isLiteral(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty, Text.lowercased(bytes[0]) == UInt8(ascii: "v") else { return isIPv6(bytes) }
        guard let dot = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: ".") }), dot > 1, dot + 1 < bytes.count else { return false }
        for index in 1..<dot where HexDigit.value(bytes[index]) == nil { return false }
        for index in dot + 1..<bytes.count where bytes[index] != UInt8(ascii: ":") && !ByteSet.name.contains(bytes[index]) { return false }
        return true
    }

    private static func isIPv6(_ bytes: Span<UInt8>) -> Bool {
        // `inet_pton` would end at a NUL, and take what follows it unseen.
        guard let text = Text.string(bytes), !text.utf8.contains(0) else { return false }
        var address = in6_addr()
        // Safe: the text ends with a NUL, and the address lives for the call.
        return unsafe inet_pton(AF_INET6, text, &address) == 1
    }
}
