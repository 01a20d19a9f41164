package import JSON

extension Schema {
    /// The schema in JSON Schema 2020-12, as OpenAPI 3.1 has it: a reference when the schema has a name.
    package var openAPI: JSON {
        guard let name else { return definition }
        var reference: JSON.Object = ["$ref": "#/components/schemas/\(name)"]
        if let note { reference["description"] = .string(note) }
        return .object(reference)
    }

    /// The schema written out, even when it has a name.
    var definition: JSON {
        var words = keywords
        if let note, name == nil { words["description"] = .string(note) }
        return .object(words)
    }

    private var keywords: JSON.Object {
        switch kind {
        case .any: [:]
        case .boolean: ["type": "boolean"]
        case .integer(let range): Self.integer(range)
        case .number: ["type": "number"]
        case .string(let length): Self.bounded(["type": "string", "pattern": "^[^\\u0000]*$"], "minLength", "maxLength", length)
        case .text(let format): Self.merged(["type": "string"], format.keywords)
        case .enumeration(let values):
            values.count == 1 ? ["type": "string", "const": .string(values[0])] : ["type": "string", "enum": JSON(values)]
        case .array(let element, let count):
            Self.bounded(["type": "array", "items": element.openAPI], "minItems", "maxItems", count)
        case .alternatives(let schemas): ["anyOf": .array(schemas.map(\.openAPI))]
        case .map(let values, let keys, let required, let maximum):
            Self.bounded(Self.map(values, keys, required), "minProperties", "maxProperties", 0...maximum)
        case .object(let object): object.keywords
        case .documented(let schema): schema.openAPI.object ?? [:]
        case .nullable(let schema):
            if case .alternatives(let schemas) = schema.kind {
                ["anyOf": .array(schemas.map(\.openAPI) + [["type": "null"]])]
            } else {
                ["anyOf": [schema.openAPI, ["type": "null"]]]
            }
        }
    }

    /// Clients are made with integers of 32 bits where no format says otherwise.
    private static func integer(_ range: ClosedRange<Int64>) -> JSON.Object {
        var words: JSON.Object = ["type": "integer"]
        if Int32(exactly: range.lowerBound) == nil || Int32(exactly: range.upperBound) == nil { words["format"] = "int64" }
        words["minimum"] = .integer(range.lowerBound)
        words["maximum"] = .integer(range.upperBound)
        return words
    }

    private static func map(_ values: Schema, _ keys: TextFormat, _ required: [String]) -> JSON.Object {
        var words: JSON.Object = ["type": "object"]
        if !keys.keywords.fields.isEmpty { words["propertyNames"] = .object(keys.keywords) }
        words["additionalProperties"] = values.openAPI
        if !required.isEmpty { words["required"] = JSON(required) }
        return words
    }

    private static func bounded(_ words: JSON.Object, _ minimum: String, _ maximum: String, _ range: ClosedRange<Int>) -> JSON.Object {
        var words = words
        if range.lowerBound > 0 { words[minimum] = JSON(range.lowerBound) }
        if range.upperBound < .max { words[maximum] = JSON(range.upperBound) }
        return words
    }

    private static func merged(_ words: JSON.Object, _ more: JSON.Object) -> JSON.Object {
        var words = words
        for field in more.fields { words[field.name] = field.value }
        return words
    }

    /// Adds every named schema in this one, itself included.
    func collectNamed(into named: inout [(name: String, definition: JSON)]) {
        if let name { named.append((name, definition)) }
        switch kind {
        case .array(let schema, _), .nullable(let schema), .documented(let schema), .map(let schema, _, _, _):
            schema.collectNamed(into: &named)
        case .alternatives(let schemas): for schema in schemas { schema.collectNamed(into: &named) }
        case .object(let object): for field in object.fields { field.schema.collectNamed(into: &named) }
        default: break
        }
    }
}

extension Schema.ObjectSchema {
    fileprivate var keywords: JSON.Object {
        var words: JSON.Object = ["type": "object"]
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { words["required"] = JSON(required) }
        var properties: JSON.Object = [:]
        for field in fields { properties[field.name] = property(field) }
        words["properties"] = .object(properties)
        if isInput { words["additionalProperties"] = false }
        return words
    }

    private func property(_ field: Schema.Field) -> JSON {
        guard let defaultValue = field.defaultValue, var words = field.schema.openAPI.object else { return field.schema.openAPI }
        words["default"] = defaultValue
        return .object(words)
    }
}
