internal import JSON

/// What a value of a schema consists of, for those who lay it out otherwise than as JSON. A schema that may be null has the parts of what it is else.
extension Schema {
    /// The fields of an object; nil for anything else.
    package var fields: [Field]? {
        switch kind {
        case .object(let object): object.fields
        case .nullable(let schema), .documented(let schema): schema.fields
        default: nil
        }
    }

    /// The schema of an array's elements.
    package var element: Schema? {
        switch kind {
        case .array(let element, _): element
        case .nullable(let schema), .documented(let schema): schema.element
        default: nil
        }
    }

    /// The schema of the values of a map, whose keys are any names.
    package var namedValue: Schema? {
        switch kind {
        case .map(let values, _, _, _): values
        case .nullable(let schema), .documented(let schema): schema.namedValue
        default: nil
        }
    }

    /// Whether it is an instant.
    package var isTime: Bool {
        switch kind {
        case .text(let format): format.keywords["format"] == "date-time"
        case .nullable(let schema), .documented(let schema): schema.isTime
        default: false
        }
    }
}
