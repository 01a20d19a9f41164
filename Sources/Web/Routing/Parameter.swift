package import JSON

/// A value in the path or the query of a route.
package struct Parameter: Sendable {
    package enum Location: String, Sendable {
        case path, query
    }

    package let name: String
    let location: Location
    var schema: Schema
    let isRequired: Bool
    /// The value of a parameter that the query leaves out.
    let defaultValue: JSON?

    /// A segment of the path, `{name}` in the route's pattern.
    package static func path(_ name: String, _ schema: Schema, _ note: String? = nil) -> Parameter {
        Parameter(name: name, location: .path, schema: schema.described(note), isRequired: true, defaultValue: nil)
    }

    /// A value of the query.
    package static func query(
        _ name: String, _ schema: Schema, _ note: String? = nil, required: Bool = false, default defaultValue: JSON? = nil
    ) -> Parameter {
        Parameter(name: name, location: .query, schema: schema.described(note), isRequired: required, defaultValue: defaultValue)
    }

    /// Turns the text of a URL into the kind of value that the schema is about; text that is none stays text, which the schema refuses.
    func value(of text: String) -> JSON {
        switch schema.kind {
        case .integer: Self.integer(text).map(JSON.integer) ?? .string(text)
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        default: .string(text)
        }
    }

    /// A whole number as JSON writes it: `0`, `-7`, `1000.0`, `1e3`. Nil for `+1`, `01`, `1.5` and for an integer of more than 64 bits.
    private static func integer(_ text: String) -> Int64? { try? JSON(parsing: Array(text.utf8)).wholeNumber }
}
