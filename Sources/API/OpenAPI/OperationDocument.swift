import HTTP
import JSON

extension Route {
    /// The route as an Operation Object (OpenAPI 3.1, 4.8.10).
    var operation: JSON {
        var operation: JSON.Object = ["operationId": .string(operationID), "tags": [.string(tag)], "summary": .string(summary)]
        if let description { operation["description"] = .string(description) }
        if !parameters.isEmpty || takesIdempotencyKey { operation["parameters"] = .array(parameterDocuments) }
        operation["requestBody"] = body.document
        operation["responses"] = .object(responses)
        operation["security"] = access.security
        return .object(operation)
    }

    /// `post_v1_usage_batch`; a parameter is `by_user_id`.
    private var operationID: String {
        let words = pattern.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? "by_" + segment.dropFirst().dropLast() : String(segment)
        }
        let text = ([method.name.lowercased()] + words).joined(separator: "_")
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private var takesIdempotencyKey: Bool { problems.contains(.idempotencyConflict) }

    private var parameterDocuments: [JSON] {
        parameters.map(\.document) + (takesIdempotencyKey ? [["$ref": "#/components/parameters/IdempotencyKey"]] : [])
    }

    /// Its answers, then its problems, those of one status together.
    private var responses: JSON.Object {
        var responses: JSON.Object = [:]
        for answer in answers { responses[String(answer.status)] = answer.document }
        for group in problemGroups where responses[String(group.status)] == nil {
            responses[String(group.status)] = ["$ref": "#/components/responses/\(group.name)"]
        }
        return responses
    }

    /// Everything that it may refuse with: its own, and what its access, its parameters and its body bring.
    var allProblems: Set<ProblemCode> {
        var codes = Set(problems).union([.notAcceptable, .internal, .overloaded, .malformedRequest])
        if !access.isOpen { codes.formUnion([.unauthorized, .forbidden, .rateLimited, .databaseUnavailable]) }
        switch body {
        case .none: break
        case .raw: codes.insert(.bodyTooLarge)
        case .json, .optional: codes.formUnion([.malformedJSON, .unsupportedMediaType, .bodyTooLarge])
        }
        // An unknown query parameter is refused everywhere.
        codes.insert(.invalidRequest)
        return codes
    }

    var problemGroups: [ProblemGroup] {
        Dictionary(grouping: allProblems, by: \.status).map(ProblemGroup.init).sorted { $0.status < $1.status }
    }
}
