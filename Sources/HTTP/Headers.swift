/// Header fields in the order of the message. Names are kept in lower case, because they are compared without case (RFC 9110, 5.1). A value
/// that is not UTF-8 is kept as `Text.opaque`.
package struct Headers: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init() {}

    package init(_ fields: KeyValuePairs<String, String>) {
        for (name, value) in fields { add(name, value) }
    }

    /// The first value of the field `name`, which must be in lower case.
    package subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// All values of the field `name`, which must be in lower case, in the order of the message.
    package func values(of name: String) -> [String] {
        var values: [String] = []
        for field in fields where field.name == name { values.append(field.value) }
        return values
    }

    /// The value of the field `name`, which must be in lower case; nil when it is not there, or more than once.
    package func only(_ name: String) -> String? {
        var found: String?
        for field in fields where field.name == name {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    /// Whether there is a field `name`, which must be in lower case.
    package func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    package mutating func add(_ name: String, _ value: String) {
        fields.append((name.lowercased(), value))
    }

    /// Replaces every field of the name, which must be in lower case, by one with the value.
    mutating func set(_ name: String, to value: String) {
        fields.removeAll { $0.name == name }
        add(name, value)
    }

    mutating func append(_ line: FieldLine) {
        if fields.capacity == 0 { fields.reserveCapacity(8) }
        fields.append((line.name, line.value))
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral fields: (String, String)...) {
        for (name, value) in fields { add(name, value) }
    }
}

extension Headers: Equatable {
    package static func == (left: Headers, right: Headers) -> Bool {
        left.fields.elementsEqual(right.fields, by: ==)
    }
}

/// `field-line = field-name ":" OWS field-value OWS` (RFC 9112, 5), as it is parsed.
struct FieldLine {
    /// In lower case.
    let name: String
    let value: String

    init(_ line: Span<UInt8>) throws(RequestError) {
        if let first = line.indices.first, Text.isBlank(line[first]) { throw .foldedLine }
        let nameEnd = ByteSet.token.end(of: line, from: 0)
        guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == UInt8(ascii: ":") else { throw .fieldName }
        name = Self.lowercased(line.extracting(0..<nameEnd))
        let rest = line.extracting(nameEnd + 1..<line.count)
        let value = rest.extracting(Text.trimmed(rest))
        guard ByteSet.fieldValue.containsAll(of: value) else { throw .fieldValue }
        self.value = Text.string(value) ?? Text.opaque(value)
    }

    /// A token is ASCII, so decoding it repairs nothing.
    private static func lowercased(_ name: Span<UInt8>) -> String {
        unsafe String(unsafeUninitializedCapacity: name.count) { buffer in
            // Safe: the buffer has room for as many bytes as the name has.
            for index in name.indices { unsafe buffer[index] = Text.lowercased(name[index]) }
            return name.count
        }
    }
}
