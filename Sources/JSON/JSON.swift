/// A JSON value (RFC 8259) as clients send it and as answers are built.
package enum JSON: Hashable, Sendable {
    case object(Object)
    case array([JSON])
    case string(String)
    case integer(Int64)
    /// Any other number, as its source text: money never passes through a `Double`.
    case number(String)
    case bool(Bool)
    case null
}

extension JSON {
    /// An object's field; nil for one that is not there and for what is not an object.
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
