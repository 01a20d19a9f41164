import JSON

/// Makes the examples of a document: values that fit their schemas, under words that an interface has for its fields.
struct Samples {
    /// By a field's name, values of which the first that fits the field is taken.
    let words: [String: [JSON]]

    /// A Media Type Object (OpenAPI 3.1, 4.8.14); with an example, where it is JSON.
    func content(_ schema: Schema, as mediaType: String = MediaType.json) -> JSON {
        let isJSON = mediaType.hasSuffix("json")
        return isJSON ? ["schema": schema.openAPI, "example": value(of: schema)] : ["schema": schema.openAPI]
    }

    /// A value that fits the schema. Of a body it has the fields that must be there, of an answer all; `field` is whose value it is.
    func value(of schema: Schema, under field: String? = nil) -> JSON {
        if let sample = schema.sample { return sample }
        if let word = field.flatMap({ words[$0] })?.first(where: { schema.validate($0).isEmpty }) { return word }
        switch schema.kind {
        case .any: return [:]
        case .boolean: return true
        case .integer(let range): return .integer(min(max(1, range.lowerBound), range.upperBound))
        case .number: return 1
        case .string(let length): return .string(Self.text(length))
        case .text(let format): return format.keywords["examples"]?.array?.first ?? "text"
        case .enumeration(let values): return JSON(values.first)
        case .array(let element, _): return [value(of: element, under: field)]
        case .map(let values, let keys, let required, _):
            let key = required.first ?? keys.keywords["examples"]?.array?.first?.string ?? "text"
            return .object([key: value(of: values, under: field)])
        case .object(let object): return .object(fields(of: object))
        case .alternatives(let schemas): return schemas.first.map { value(of: $0, under: field) } ?? .null
        case .nullable(let schema), .documented(let schema): return value(of: schema, under: field)
        }
    }

    private func fields(of object: Schema.ObjectSchema) -> JSON.Object {
        let shown = object.fields.filter { $0.isRequired || !object.isInput }
        return JSON.Object(unique: shown.map { JSON.Object.Field(name: $0.name, value: value(of: $0.schema, under: $0.name)) })
    }

    private static func text(_ length: ClosedRange<Int>) -> String {
        let text = "text"
        return text.count < length.lowerBound ? String(repeating: "x", count: length.lowerBound) : String(text.prefix(length.upperBound))
    }
}
