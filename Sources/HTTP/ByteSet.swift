/// A set of bytes: the single-character rules of the grammar, one bit for each of the 256.
struct ByteSet: Sendable {
    private var words: InlineArray<4, UInt64> = [0, 0, 0, 0]

    init(_ characters: StaticString, _ ranges: ClosedRange<UInt8>...) {
        for byte in characters.description.utf8 { insert(byte) }
        for range in ranges { for byte in range { insert(byte) } }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
    }

    func containsAll(of bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where !contains(bytes[index]) { return false }
        return true
    }

    private mutating func insert(_ byte: UInt8) {
        words[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
    }
}

extension ByteSet {
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    private static let lower = UInt8(ascii: "a")...UInt8(ascii: "z")

    /// `tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA` (RFC 9110, 5.6.2)
    static let token = ByteSet("!#$%&'*+-.^_`|~", digits, upper, lower)

    /// `field-vchar / SP / HTAB`, where `field-vchar = VCHAR / obs-text` (RFC 9110, 5.5)
    static let fieldValue = ByteSet("\t", 0x20...0x7E, 0x80...0xFF)

    /// `pchar / "/"`, where `pchar = unreserved / pct-encoded / sub-delims / ":" / "@"` (RFC 3986, 3.3)
    static let path = ByteSet("-._~%!$&'()*+,;=:@/", digits, upper, lower)

    /// `pchar / "/" / "?"` (RFC 3986, 3.4)
    static let query = ByteSet("-._~%!$&'()*+,;=:@/?", digits, upper, lower)

    /// What `uri-host [ ":" port ]` is made of (RFC 9110, 7.2)
    static let host = ByteSet("-._~%!$&'()*+,;=:[]", digits, upper, lower)
}
