extension JSON {
    /// The value as compact UTF-8.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        write(into: &bytes)
        return bytes
    }

    /// Appends the value as compact UTF-8.
    package func write(into bytes: inout [UInt8]) {
        switch self {
        case .object(let object): Self.write(object, into: &bytes)
        case .array(let elements): Self.write(elements, into: &bytes)
        case .string(let text): Self.write(text, into: &bytes)
        case .integer(let integer): Self.write(integer, into: &bytes)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .bool(let bool): bytes.append(contentsOf: (bool ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    private static func write(_ object: Object, into bytes: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for field in object.fields {
            bytes.append(separator)
            write(field.name, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            field.value.write(into: &bytes)
            separator = UInt8(ascii: ",")
        }
        if object.isEmpty { bytes.append(separator) }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func write(_ elements: [JSON], into bytes: inout [UInt8]) {
        var separator = UInt8(ascii: "[")
        for element in elements {
            bytes.append(separator)
            element.write(into: &bytes)
            separator = UInt8(ascii: ",")
        }
        if elements.isEmpty { bytes.append(separator) }
        bytes.append(UInt8(ascii: "]"))
    }

    static func write(_ integer: Int64, into bytes: inout [UInt8]) {
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = integer.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if isPlain(text.utf8.span) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { mustEscape(byte) ? escape(byte, into: &bytes) : bytes.append(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ utf8: borrowing Span<UInt8>) -> Bool {
        for index in utf8.indices where mustEscape(utf8[index]) { return false }
        return true
    }

    /// RFC 8259, 7: the quotation mark, the reverse solidus and the control characters.
    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case 0..<0x20: bytes.append(contentsOf: "u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
        default: bytes.append(byte)
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The value as compact text.
    package var description: String { String(decoding: encoded, as: UTF8.self) }
}
