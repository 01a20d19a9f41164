/// Strings.
extension Parser {
    /// A string (RFC 8259, 7); `offset` must be at its opening quotation mark.
    mutating func string() throws(JSON.SyntaxError) -> String {
        let opening = offset
        offset += 1
        let isASCII = skipPlain()
        guard peek == UInt8(ascii: "\"") else { return try escapedString(from: opening) }
        let content = bytes[(opening + 1)..<offset]
        offset += 1
        return isASCII ? String(decoding: content, as: UTF8.self) : try text(content, at: opening)
    }

    /// A string that has an escape or a bad byte; `offset` must be at the first one.
    private mutating func escapedString(from opening: Int) throws(JSON.SyntaxError) -> String {
        var unescaped = Array(bytes[(opening + 1)..<offset])
        while true {
            switch peek {
            case UInt8(ascii: "\""):
                offset += 1
                return try text(unescaped[...], at: opening)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: String(Character(try escape())).utf8)
            default:
                throw error("a control character in a string must be escaped")
            }
            let start = offset
            _ = skipPlain()
            unescaped.append(contentsOf: bytes[start..<offset])
        }
    }

    /// Skips to the next quotation mark, escape or control character.
    /// - Returns: whether all bytes skipped are ASCII.
    private mutating func skipPlain() -> Bool {
        var all: UInt8 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            all |= byte
            offset += 1
        }
        return all < 0x80
    }

    private func text(_ utf8: ArraySlice<UInt8>, at opening: Int) throws(JSON.SyntaxError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSON.SyntaxError(offset: opening, message: "the string is not UTF-8")
        }
        return text
    }

    /// `offset` must be at the reverse solidus.
    private mutating func escape() throws(JSON.SyntaxError) -> Unicode.Scalar {
        offset += 1
        let scalar: Unicode.Scalar
        switch peek {
        case UInt8(ascii: "u"): return try escapedScalar()
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        default: throw error("not an escape that JSON has")
        }
        offset += 1
        return scalar
    }

    /// `uXXXX`, or both halves of a surrogate pair; `offset` must be at the first `u`.
    private mutating func escapedScalar() throws(JSON.SyntaxError) -> Unicode.Scalar {
        let start = offset - 1
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), peek == UInt8(ascii: "\\") {
            offset += 1
            if peek == UInt8(ascii: "u") {
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw JSON.SyntaxError(offset: start, message: "a lone surrogate") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSON.SyntaxError(offset: start, message: "a lone surrogate") }
        return scalar
    }

    /// `uXXXX`; `offset` must be at the `u`.
    private mutating func hexadecimal() throws(JSON.SyntaxError) -> UInt32 {
        offset += 1
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("expected 4 hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }
}

/// Numbers.
extension Parser {
    /// `[ minus ] int [ frac ] [ exp ]` (RFC 8259, 6). A number that is not an integer of 64 bits keeps its text.
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
        guard isDigit else { throw error("expected a digit") }
        while isDigit { offset += 1 }
    }

    private var isDigit: Bool {
        offset < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset])
    }
}
