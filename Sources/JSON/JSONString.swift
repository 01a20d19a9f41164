extension JSONParser {
    /// RFC 8259, 7. The offset stands at the opening quotation mark.
    mutating func string() throws(JSON.SyntaxError) -> String {
        let opening = offset
        offset += 1
        let isASCII = skipPlain()
        guard peek == UInt8(ascii: "\"") else { return try escapedString(from: opening) }
        let content = bytes[(opening + 1)..<offset]
        offset += 1
        return isASCII ? String(decoding: content, as: UTF8.self) : try text(content, at: opening)
    }

    /// The string whose first escape or refused byte is at hand.
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
                throw refusal("a control character in a string must be escaped")
            }
            let start = offset
            _ = skipPlain()
            unescaped.append(contentsOf: bytes[start..<offset])
        }
    }

    /// Goes on to the quotation mark, the escape or the control character; returns whether all before it was ASCII.
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
        default: throw refusal("not an escape that JSON has")
        }
        offset += 1
        return scalar
    }

    /// `XXXX` of `\uXXXX`, or both halves of a surrogate pair.
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

    /// The four digits after the `u` at hand.
    private mutating func hexadecimal() throws(JSON.SyntaxError) -> UInt32 {
        offset += 1
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw refusal("expected 4 hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }
}
