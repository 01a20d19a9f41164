extension JSONParser {
    /// RFC 8259, 6: `[ minus ] int [ frac ] [ exp ]`. What is not an integer of 64 bits keeps its text.
    mutating func number() throws(JSON.SyntaxError) -> JSON {
        let start = offset
        if peek == UInt8(ascii: "-") { offset += 1 }
        if peek == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        var isInteger = true
        if peek == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        return .number(text)
    }

    /// One digit or more.
    private mutating func digits() throws(JSON.SyntaxError) {
        guard isDigit else { throw refusal("expected a digit") }
        while isDigit { offset += 1 }
    }

    private var isDigit: Bool {
        offset < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset])
    }
}
