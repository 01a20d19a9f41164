/// `pct-encoded = "%" HEXDIG HEXDIG` (RFC 3986, 2.1), decoded once and strictly: the result is UTF-8 without NUL, or there is none.
enum PercentDecoding {
    static func text(_ bytes: Span<UInt8>, plusIsSpace: Bool = false) throws(RequestError) -> String {
        guard needsDecoding(bytes, plusIsSpace) else { return try string(bytes) }
        let decoded = try decode(bytes, plusIsSpace)
        return try string(decoded.span)
    }

    private static func needsDecoding(_ bytes: Span<UInt8>, _ plusIsSpace: Bool) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") || plusIsSpace && byte == UInt8(ascii: "+") { return true }
        }
        return false
    }

    private static func decode(_ bytes: Span<UInt8>, _ plusIsSpace: Bool) throws(RequestError) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                decoded.append(try escaped(in: bytes, at: index))
                index += 3
            } else {
                let isPlus = plusIsSpace && bytes[index] == UInt8(ascii: "+")
                decoded.append(isPlus ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    private static func escaped(in bytes: Span<UInt8>, at index: Int) throws(RequestError) -> UInt8 {
        guard index + 2 < bytes.count, let high = Hexadecimal.value(bytes[index + 1]), let low = Hexadecimal.value(bytes[index + 2])
        else { throw .escape }
        let byte = high << 4 | low
        if byte == 0 { throw .escapedNUL }
        return byte
    }

    private static func string(_ bytes: Span<UInt8>) throws(RequestError) -> String {
        guard let text = Text.string(bytes) else { throw .escapedText }
        return text
    }
}

enum Hexadecimal {
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
