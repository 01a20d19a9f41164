extension JSON {
    /// Where and why a text is not the JSON that this service takes.
    package struct SyntaxError: Error, Equatable {
        /// In bytes from the start of the text.
        package let offset: Int
        package let message: String

        package init(offset: Int, message: String) {
            self.offset = offset
            self.message = message
        }
    }

    /// How deep arrays and objects may nest.
    package static let maximumDepth = 32

    /// Reads one value and nothing after it, by the grammar of RFC 8259 and stricter where that leaves a choice: UTF-8 only,
    /// each name once, no lone surrogate, no U+0000, at most `maximumDepth` deep.
    package init(parsing bytes: [UInt8]) throws(SyntaxError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// A recursive descent over the bytes; the depth bounds the recursion.
struct JSONParser {
    let bytes: [UInt8]
    var offset = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON.SyntaxError) -> JSON {
        let value = try value()
        try end()
        return value
    }

    mutating func end() throws(JSON.SyntaxError) {
        skipSpace()
        guard offset == bytes.count else { throw refusal("only white space may follow the value") }
    }

    mutating func value() throws(JSON.SyntaxError) -> JSON {
        skipSpace()
        guard let byte = peek else { throw refusal("expected a value") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSON.SyntaxError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { parser throws(JSON.SyntaxError) in .array(try parser.array()) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw refusal("expected a value")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSON.SyntaxError) -> JSON
    ) throws(JSON.SyntaxError) -> JSON {
        guard depth < JSON.maximumDepth else { throw refusal("nested deeper than \(JSON.maximumDepth) levels") }
        depth += 1
        offset += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSON.SyntaxError) -> [JSON] {
        var elements: [JSON] = []
        if skip(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try value())
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw refusal("expected , or ]") }
        return elements
    }

    private mutating func object() throws(JSON.SyntaxError) -> JSON.Object {
        var fields = UniqueFields()
        if skip(UInt8(ascii: "}")) { return JSON.Object() }
        repeat {
            let (start, name) = try name()
            guard fields.takes(name) else { throw JSON.SyntaxError(offset: start, message: "a name is given twice in one object") }
            guard skip(UInt8(ascii: ":")) else { throw refusal("expected :") }
            fields.append(name, try value())
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw refusal("expected , or }") }
        return JSON.Object(unique: fields.all)
    }

    /// A field's name with its place.
    mutating func name() throws(JSON.SyntaxError) -> (offset: Int, text: String) {
        skipSpace()
        let start = offset
        guard peek == UInt8(ascii: "\"") else { throw refusal("expected a name in quotation marks") }
        return (start, try string())
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSON.SyntaxError) -> JSON {
        let end = offset + word.utf8.count
        guard end <= bytes.count, bytes[offset..<end].elementsEqual(word.utf8) else { throw refusal("expected a value") }
        offset = end
        return value
    }
}

extension JSONParser {
    /// The byte at hand, or nil at the end.
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func refusal(_ message: String) -> JSON.SyntaxError {
        JSON.SyntaxError(offset: offset, message: offset < bytes.count ? message : "the text ends too early")
    }

    /// RFC 8259, 2: space, tab, line feed, carriage return.
    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    /// Takes white space and then `byte`, if it is there.
    mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        offset += 1
        return true
    }
}

/// The fields of an object being read; a set finds a second name once walking over them would be slow.
private struct UniqueFields {
    private(set) var all: [JSON.Object.Field] = []
    private var names: Set<String>?
    private static let walkingLimit = 16

    mutating func takes(_ name: String) -> Bool {
        if names == nil {
            if all.count < Self.walkingLimit { return !all.contains { $0.name == name } }
            names = Set(all.map(\.name))
        }
        return names?.insert(name).inserted ?? false
    }

    mutating func append(_ name: String, _ value: JSON) {
        all.append(JSON.Object.Field(name: name, value: value))
    }
}
