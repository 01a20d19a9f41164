import JSON

extension Answer {
    /// A Response Object (OpenAPI 3.1, 4.8.17).
    func document(_ samples: Samples) -> JSON {
        var document: JSON.Object = ["description": .string(description)]
        if !headers.isEmpty {
            var named: JSON.Object = [:]
            for header in headers { named[header.name] = ["description": .string(header.note), "schema": ["type": "string"]] }
            document["headers"] = .object(named)
        }
        if !content.isEmpty {
            var types: JSON.Object = [:]
            for (mediaType, schema) in content { types[mediaType] = samples.content(schema, as: mediaType) }
            document["content"] = .object(types)
        }
        return .object(document)
    }
}

extension RequestBody {
    /// A Request Body Object (OpenAPI 3.1, 4.8.13).
    func document(_ samples: Samples) -> JSON? {
        switch self {
        case .none: nil
        case .json(let schema): ["required": true, "content": .object([MediaType.json: samples.content(schema)])]
        case .forms(let schema, let forms): Self.document(of: schema, or: forms, samples)
        case .optional(let schema): ["required": false, "content": .object([MediaType.json: samples.content(schema)])]
        case .raw(let note, let schema):
            ["description": .string(note), "required": true, "content": .object([MediaType.json: samples.content(schema)])]
        }
    }

    private static func document(of schema: Schema, or forms: [BodyForm], _ samples: Samples) -> JSON {
        var types: JSON.Object = [MediaType.json: samples.content(schema)]
        for form in forms where form.mediaType != MediaType.json { types[form.mediaType] = samples.content(form.schema) }
        return ["required": true, "content": .object(types)]
    }

    /// The body, whose schemas have a name for each object and each choice.
    func named(within place: String) -> RequestBody {
        switch self {
        case .none: self
        case .json(let schema): .json(schema.named(within: place))
        case .forms(let schema, let forms): .forms(schema.named(within: place), forms)
        case .optional(let schema): .optional(schema.named(within: place))
        case .raw(let note, let schema): .raw(note: note, schema.named(within: place))
        }
    }
}

extension Parameter {
    /// A Parameter Object (OpenAPI 3.1, 4.8.12).
    func document(_ samples: Samples) -> JSON {
        var words = schema.openAPI.object ?? [:]
        let note = words["description"]
        words["description"] = nil
        words["default"] = defaultValue
        var document: JSON.Object = ["name": .string(name), "in": .string(location.rawValue), "required": JSON(isRequired)]
        document["description"] = note
        document["schema"] = .object(words)
        // Nobody can make up a cursor.
        if name != "cursor" { document["example"] = defaultValue ?? samples.value(of: schema, under: name) }
        return .object(document)
    }
}

extension Idempotency {
    /// The Parameter Object of the header (OpenAPI 3.1, 4.8.12), one component that the routes refer to.
    static func keyParameter() -> JSON {
        [
            "name": .string(headerName), "in": "header", "required": false,
            "description": "Makes the request happen once when its body has no id of its own.",
            // Any text that is an id is taken; what clients can send in a header without thinking of its encoding is ASCII.
            "schema": ["type": "string", "pattern": "^[!-~]([ -~]{0,254}[!-~])?$"], "example": "b1f5c6de-1a3f-4a44-9d0c-0d3a4f7f2a10",
        ]
    }
}
