/// A JSON value (RFC 8259), parsed from a body or built for a response.
package enum JSON: Sendable {
    case object(Object)
    case array([JSON])
    case string(String)
    case integer(Int64)
    /// A number that is not an integer of 64 bits, as its source text, so that money never passes through a `Double`.
    case number(String)
    case bool(Bool)
    case null
}

extension JSON {
    /// The value of an object's field; nil when the object has no such field, or the value is not an object.
    package subscript(name: String) -> JSON? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    package var object: Object? {
        if case .object(let object) = self { object } else { nil }
    }

    package var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var integer: Int64? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }
}
