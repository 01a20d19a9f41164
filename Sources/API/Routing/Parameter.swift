package import JSON

/// A value in the path or the query of a route.
package struct Parameter: Sendable {
    package enum Place: String, Sendable {
        case path, query
    }

    let name: String
    let place: Place
    let schema: Schema
    let isRequired: Bool
    let standard: JSON?

    /// A segment of the path, `{name}` in the route's pattern.
    package static func path(_ name: String, _ schema: Schema = .identifier, _ note: String? = nil) -> Parameter {
        Parameter(name: name, place: .path, schema: note.map(schema.described) ?? schema, isRequired: true, standard: nil)
    }

    /// A value of the query; one that is left out takes the default, if there is one.
    package static func query(
        _ name: String, _ schema: Schema, _ note: String? = nil, required: Bool = false, default standard: JSON? = nil
    ) -> Parameter {
        Parameter(name: name, place: .query, schema: note.map(schema.described) ?? schema, isRequired: required, standard: standard)
    }

    /// The text as the kind of value that the schema is about: in a URL everything is text.
    func value(of text: String) -> JSON {
        switch schema.kind {
        case .integer: IntegerText.integer(text).map(JSON.integer) ?? .string(text)
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        default: .string(text)
        }
    }
}
