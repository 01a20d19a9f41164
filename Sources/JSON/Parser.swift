import Bytes

extension JSON {
    /// The first place where a text is not the JSON that this service takes, and why.
    package struct SyntaxError: Error, Equatable {
        /// In bytes from the start of the text.
        package let offset: Int
        package let message: String

        package init(offset: Int, message: String) {
            self.offset = offset
            self.message = message
        }
    }

    /// The maximum number of arrays and objects that may nest.
    package static let maximumDepth = 32

    /// Parses a text that is one value and nothing after it, by the grammar of RFC 8259, and more strictly where that leaves a choice:
    /// UTF-8 only, each name once in an object, no lone surrogate, at most `maximumDepth` levels.
    package init(parsing bytes: [UInt8]) throws(SyntaxError) {
        var parser = Parser(bytes: bytes)
        self = try parser.document()
    }

    /// A field of a file's outermost object, with the offset of its name in bytes.
    package struct LocatedField: Equatable, Sendable {
        package let offset: Int
        package let name: String
        package let value: JSON
    }

    /// Parses a text that is one object, and gives its fields with their offsets, so that the caller can report an error in one by its
    /// line. Of two fields with one name both are given.
    package static func locatedFields(parsing bytes: [UInt8]) throws(SyntaxError) -> [LocatedField] {
        var parser = Parser(bytes: bytes)
        return try parser.locatedFields()
    }
}

/// A recursive-descent parser, whose recursion the maximum depth bounds.
struct Parser {
    let bytes: [UInt8]
    var offset = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// One value and nothing after it.
    mutating func document() throws(JSON.SyntaxError) -> JSON {
        let value = try value()
        try end()
        return value
    }

    /// One object and nothing after it.
    mutating func locatedFields() throws(JSON.SyntaxError) -> [JSON.LocatedField] {
        guard skip(UInt8(ascii: "{")) else { throw error("expected an object") }
        var fields: [JSON.LocatedField] = []
        while let (start, name) = try nextName(isFirst: fields.isEmpty) {
            fields.append(JSON.LocatedField(offset: start, name: name, value: try fieldValue()))
        }
        try end()
        return fields
    }

    private mutating func end() throws(JSON.SyntaxError) {
        skipSpace()
        guard offset == bytes.count else { throw error("only white space may follow the value") }
    }

    private mutating func value() throws(JSON.SyntaxError) -> JSON {
        skipSpace()
        guard let byte = peek else { throw error("expected a value") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSON.SyntaxError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { parser throws(JSON.SyntaxError) in .array(try parser.array()) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("expected a value")
        }
    }

    private mutating func nested(
        _ read: (inout Parser) throws(JSON.SyntaxError) -> JSON
    ) throws(JSON.SyntaxError) -> JSON {
        guard depth < JSON.maximumDepth else { throw error("nested deeper than \(JSON.maximumDepth) levels") }
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
        guard skip(UInt8(ascii: "]")) else { throw error("expected , or ]") }
        return elements
    }

    private mutating func object() throws(JSON.SyntaxError) -> JSON.Object {
        var fields = UniqueFields()
        while let (start, name) = try nextName(isFirst: fields.all.isEmpty) {
            guard fields.takes(name) else { throw JSON.SyntaxError(offset: start, message: "a name is given twice in one object") }
            fields.append(name, try fieldValue())
        }
        return JSON.Object(unique: fields.all)
    }

    /// Takes the name of an object's next field, with the offset of its quotation mark; nil, when it takes the closing brace.
    /// - Parameter isFirst: whether the opening brace comes before, and else a field.
    private mutating func nextName(isFirst: Bool) throws(JSON.SyntaxError) -> (offset: Int, text: String)? {
        if isFirst || !skip(UInt8(ascii: ",")) {
            if skip(UInt8(ascii: "}")) { return nil }
            guard isFirst else { throw error("expected , or }") }
        }
        skipSpace()
        let start = offset
        guard peek == UInt8(ascii: "\"") else { throw error("expected a name in quotation marks") }
        return (start, try string())
    }

    private mutating func fieldValue() throws(JSON.SyntaxError) -> JSON {
        guard skip(UInt8(ascii: ":")) else { throw error("expected :") }
        return try value()
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSON.SyntaxError) -> JSON {
        let end = offset + word.utf8.count
        guard end <= bytes.count, bytes[offset..<end].elementsEqual(word.utf8) else { throw error("expected a value") }
        offset = end
        return value
    }
}

extension Parser {
    /// The next byte, or nil at the end.
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func error(_ message: String) -> JSON.SyntaxError {
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

    /// Skips white space, and then `byte` if it comes next.
    /// - Returns: whether it came.
    mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        offset += 1
        return true
    }
}

/// The fields of the object that is being parsed. A repeated name is found by a scan in a small object, and by a set in a large one. Names
/// are compared by their bytes (RFC 8259, 8.3), where Swift's `==` also takes `é` for `e` with U+0301.
private struct UniqueFields {
    private(set) var all: [JSON.Object.Field] = []
    private var names: Set<Bytewise<String>>?
    private static let scanLimit = 16

    /// Whether the name is new.
    mutating func takes(_ name: String) -> Bool {
        if names == nil {
            if all.count < Self.scanLimit { return !all.contains { $0.name.hasSameBytes(as: name) } }
            names = Set(all.map { Bytewise(wrappedValue: $0.name) })
        }
        return names?.insert(Bytewise(wrappedValue: name)).inserted ?? false
    }

    mutating func append(_ name: String, _ value: JSON) {
        all.append(JSON.Object.Field(name: name, value: value))
    }
}
