/// Text out of bytes that a rule of the grammar has passed.
enum Text {
    /// Nil when the bytes are not UTF-8: they are refused, never repaired.
    static func string(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }

    /// `OWS = *( SP / HTAB )` taken off both ends (RFC 9110, 5.6.3)
    static func trimmed(_ bytes: Span<UInt8>) -> Range<Int> {
        var range = bytes.indices
        while let first = range.first, isBlank(bytes[first]) { range.removeFirst() }
        while let last = range.last, isBlank(bytes[last]) { range.removeLast() }
        return range
    }

    /// Whether a comma-separated list names `token`, which is in lower case (RFC 9110, 5.6.1).
    static func list(_ value: String, names token: String) -> Bool {
        value.utf8.split(separator: UInt8(ascii: ",")).contains { element in
            let word = element.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            return word.lazy.map(lowercased).elementsEqual(token.utf8)
        }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
