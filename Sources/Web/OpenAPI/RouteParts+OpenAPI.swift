import JSON

extension Answer {
    /// A Response Object (OpenAPI 3.1, 4.8.17).
    var document: JSON {
        var document: JSON.Object = ["description": .string(description)]
        if !headers.isEmpty {
            var named: JSON.Object = [:]
            for header in headers { named[header.name] = ["description": .string(header.note), "schema": ["type": "string"]] }
            document["headers"] = .object(named)
        }
        if !content.isEmpty {
            var types: JSON.Object = [:]
            for (mediaType, schema) in content { types[mediaType] = ["schema": schema.openAPI] }
            document["content"] = .object(types)
        }
        return .object(document)
    }
}

extension RequestBody {
    /// A Request Body Object (OpenAPI 3.1, 4.8.13).
    var document: JSON? {
        switch self {
        case .none: nil
        case .json(let schema): ["required": true, "content": .object([MediaType.json: ["schema": schema.openAPI]])]
        case .forms(let schema, let forms): Self.document(of: schema, or: forms)
        case .optional(let schema): ["required": false, "content": .object([MediaType.json: ["schema": schema.openAPI]])]
        case .raw(let note): ["description": .string(note), "required": true, "content": ["*/*": [:]]]
        }
    }

    private static func document(of schema: Schema, or forms: [BodyForm]) -> JSON {
        var types: JSON.Object = [MediaType.json: ["schema": schema.openAPI]]
        for form in forms where form.mediaType != MediaType.json { types[form.mediaType] = ["schema": form.schema.openAPI] }
        return ["required": true, "content": .object(types)]
    }
}

extension Parameter {
    /// A Parameter Object (OpenAPI 3.1, 4.8.12).
    var document: JSON {
        var words = schema.openAPI.object ?? [:]
        let note = words["description"]
        words["description"] = nil
        words["default"] = defaultValue
        var document: JSON.Object = ["name": .string(name), "in": .string(location.rawValue), "required": JSON(isRequired)]
        document["description"] = note
        document["schema"] = .object(words)
        return .object(document)
    }
}

extension Idempotency {
    /// The Parameter Object of the header (OpenAPI 3.1, 4.8.12), one component that the routes refer to.
    static func keyParameter(_ format: TextFormat) -> JSON {
        [
            "name": .string(headerName), "in": "header", "required": false,
            "description": "Makes the request happen once when its body has no id of its own.",
            "schema": Schema.text(format).openAPI,
        ]
    }
}
