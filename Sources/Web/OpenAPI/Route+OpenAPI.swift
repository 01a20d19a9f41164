import HTTP
import JSON

extension Route {
    /// The route, whose schemas have a name for each object and each choice: by the route's id, where they were given none.
    var named: Route {
        let noun = id.prefix(1).uppercased() + id.dropFirst()
        var route = self
        route.body = body.named(within: noun + "Input")
        for index in answers.indices {
            route.answers[index].content = answers[index].content.map { ($0, $1.named(within: noun + "Answer")) }
        }
        for index in parameters.indices {
            route.parameters[index].schema = parameters[index].schema.named(within: noun + Schema.noun(parameters[index].name))
        }
        return route
    }

    /// The route as an Operation Object (OpenAPI 3.1, 4.8.10).
    func operation(_ samples: Samples) -> JSON {
        var operation: JSON.Object = ["operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary)]
        if let description { operation["description"] = .string(description) }
        if !parameters.isEmpty || takesIdempotencyKey { operation["parameters"] = .array(parameterDocuments(samples)) }
        operation["requestBody"] = body.document(samples)
        operation["responses"] = .object(responses(samples))
        operation["security"] = access.security
        return .object(operation)
    }

    private func parameterDocuments(_ samples: Samples) -> [JSON] {
        parameters.map { $0.document(samples) } + (takesIdempotencyKey ? [["$ref": "#/components/parameters/IdempotencyKey"]] : [])
    }

    /// Response Objects by status (OpenAPI 3.1, 4.8.16): the answers, then the problems, of which those of one status are one response.
    private func responses(_ samples: Samples) -> JSON.Object {
        var responses: JSON.Object = [:]
        for answer in answers { responses[String(answer.status)] = answer.document(samples) }
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

    private var example: JSON { codes.first.map { Problem($0, status: status).json(requestID: "k3q-1") } ?? .null }

    var name: String { codes.map(\.rawValue).joined(separator: "_or_") }

    var document: JSON {
        let description = codes.map { "`\($0.rawValue)`: \($0.title)." }.joined(separator: " ")
        var document: JSON.Object = [
            "description": .string(description),
            "content": .object([
                Problem.mediaType: ["schema": ["$ref": "#/components/schemas/Problem"], "example": example]
            ]),
        ]
        if let names = Self.headers[status] {
            document["headers"] = .object(
                JSON.Object(unique: names.map { JSON.Object.Field(name: $0, value: ["schema": ["type": "string"]]) }))
        }
        return .object(document)
    }
}
