extension JSON {
    /// A field of a file's outermost object, with where its name begins in bytes.
    package struct PlacedField: Equatable, Sendable {
        package let offset: Int
        package let name: String
        package let value: JSON
    }

    /// Reads an object's fields with their places, so that what is wrong with one can be told by its line. A name that is there twice is
    /// the caller's to refuse.
    package static func placedFields(parsing bytes: [UInt8]) throws(SyntaxError) -> [PlacedField] {
        var parser = JSONParser(bytes: bytes)
        return try parser.placedFields()
    }
}

extension JSONParser {
    fileprivate mutating func placedFields() throws(JSON.SyntaxError) -> [JSON.PlacedField] {
        var fields: [JSON.PlacedField] = []
        guard skip(UInt8(ascii: "{")) else { throw refusal("expected an object") }
        if !skip(UInt8(ascii: "}")) {
            repeat {
                let (start, name) = try name()
                guard skip(UInt8(ascii: ":")) else { throw refusal("expected :") }
                fields.append(JSON.PlacedField(offset: start, name: name, value: try value()))
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "}")) else { throw refusal("expected , or }") }
        }
        try end()
        return fields
    }
}
