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

    /// `post_v1_usage_batch`; a parameter `{user_id}` is `by_user_id`.
    private var operationID: String {
        let words = pattern.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? "by_" + segment.dropFirst().dropLast() : String(segment)
        }
        let text = ([method.name.lowercased()] + words).joined(separator: "_")
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private var parameterDocuments: [JSON] {
        parameters.map(\.document) + (takesIdempotencyKey ? [["$ref": "#/components/parameters/IdempotencyKey"]] : [])
    }

    /// Response Objects by status (OpenAPI 3.1, 4.8.16): the answers, then the problems, of which those of one status are one response.
    private var responses: JSON.Object {
        var responses: JSON.Object = [:]
        for answer in answers { responses[String(answer.status)] = answer.document }
        for group in problemGroups where responses[String(group.status)] == nil {
            responses[String(group.status)] = ["$ref": "#/components/responses/\(group.name)"]
        }
        return responses
    }

    var problemGroups: [ProblemGroup] {
        let statuses = Set(allProblems.flatMap { [$0.status] + $0.closerStatuses })
        return statuses.sorted().map { status in
            ProblemGroup(status: status, codes: allProblems.filter { $0.status == status || $0.closerStatuses.contains(status) })
        }
    }
}

/// The problems of one status: one response of the document.
struct ProblemGroup {
    let status: Int
    let codes: [ProblemCode]

    init(status: Int, codes: some Sequence<ProblemCode>) {
        self.status = status
        self.codes = codes.sorted { $0.rawValue < $1.rawValue }
    }

    /// The headers of the answers with a status.
    private static let headers = [
        401: ["WWW-Authenticate"], 405: ["Allow"], 415: ["Accept-Encoding"], 429: ["Retry-After", "RateLimit", "RateLimit-Policy"],
        503: ["Retry-After"],
    ]

    var name: String { codes.map(\.rawValue).joined(separator: "_or_") }

    var document: JSON {
        let description = codes.map { "`\($0.rawValue)`: \($0.title)." }.joined(separator: " ")
        var document: JSON.Object = [
            "description": .string(description),
            "content": .object([Problem.mediaType: ["schema": ["$ref": "#/components/schemas/Problem"]]]),
        ]
        if let names = Self.headers[status] {
            document["headers"] = .object(
                JSON.Object(unique: names.map { JSON.Object.Field(name: $0, value: ["schema": ["type": "string"]]) }))
        }
        return .object(document)
    }
}
