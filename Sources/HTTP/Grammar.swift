/// A set of bytes, one bit for each of the 256: the grammar's rules about single characters.
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

    /// The end of the bytes of the set that begin at `start`.
    func end(of bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, contains(bytes[end]) { end += 1 }
        return end
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

    /// `unreserved / sub-delims` (RFC 3986, 2.2 and 2.3): what a `reg-name` has beside `pct-encoded`
    static let name = ByteSet("-._~!$&'()*+,;=", digits, upper, lower)

    static let digit = ByteSet("", digits)

    /// `qdtext = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text` (RFC 9110, 5.6.4)
    static let quoted = ByteSet("\t !", 0x23...0x5B, 0x5D...0x7E, 0x80...0xFF)
}

/// `HEXDIG` of either case (RFC 5234, B.1). `Hex` of the room `Crypto` takes lower case alone, so neither could serve the other.
enum HexDigit {
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Text from bytes that a rule of the grammar has accepted.
enum Text {
    /// Nil when the bytes are not UTF-8; they are never repaired.
    static func string(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }

    /// Bytes that are no UTF-8, as text that no other bytes give: a NUL, which no UTF-8 of a message has, then a character for each byte. So it
    /// equals no value that is looked for, and no format of a value takes it.
    static func opaque(_ bytes: Span<UInt8>) -> String {
        var text = "\0"
        for index in bytes.indices { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        return text
    }

    /// The range of the bytes without the `OWS = *( SP / HTAB )` at both ends (RFC 9110, 5.6.3).
    static func trimmed(_ bytes: Span<UInt8>) -> Range<Int> {
        var range = bytes.indices
        while let first = range.first, isBlank(bytes[first]) { range.removeFirst() }
        while let last = range.last, isBlank(bytes[last]) { range.removeLast() }
        return range
    }

    /// Whether a comma-separated list contains `token`, which must be in lower case, in any case (RFC 9110, 5.6.1).
    static func list(_ value: String, names token: String) -> Bool {
        value.utf8.split(separator: UInt8(ascii: ",")).contains { element in
            let word = element.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            return word.lazy.map(lowercased).elementsEqual(token.utf8)
        }
    }

    /// Whether the value is `token`, which must be in lower case, in any case of ASCII.
    static func value(_ value: String, is token: String) -> Bool {
        value.utf8.lazy.map(lowercased).elementsEqual(token.utf8)
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
