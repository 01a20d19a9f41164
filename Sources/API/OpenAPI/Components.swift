internal import JSON

extension OpenAPI {
    /// Every schema that has a name, and the problem.
    static func schemas(of routes: [Route]) throws(NameConflict) -> JSON.Object {
        var named: [(name: String, definition: JSON)] = []
        for route in routes {
            route.body.schema?.collectNamed(into: &named)
            for parameter in route.parameters { parameter.schema.collectNamed(into: &named) }
            for answer in route.answers { for content in answer.content { content.schema.collectNamed(into: &named) } }
        }
        problem.collectNamed(into: &named)
        var schemas: JSON.Object = [:]
        for (name, definition) in named.sorted(by: { $0.name < $1.name }) {
            if let other = schemas[name], other != definition { throw NameConflict(name: name) }
            schemas[name] = definition
        }
        return schemas
    }

    /// RFC 9457, 3, with this service's members.
    static let problem = Schema.answer(problemFields + [.required("request_id", .identifier)]).named("Problem")

    /// The same of a part of an answer.
    static let problemMembers = Schema.answer(problemFields).named("ProblemMembers")

    private static let problemFields: [Schema.Field] = [
        .required("type", .string(0...256)), .required("title", .string(0...256)), .required("status", .integer(400...599)),
        .optional("detail", .string(0...Int.max)), .required("code", .enumeration(ProblemCode.allCases.map(\.rawValue))),
        .optional("errors", .array(of: .answer([.required("field", .string(0...Int.max)), .required("message", .string(0...Int.max))]))),
        .optional("meter", .identifier), .optional("limit", .quantity), .optional("current", .quantity), .optional("requested", .quantity),
        .optional("available", .any, "A quantity; of `insufficient_balance`, money."), .optional("required", .money),
        .optional("currency", .currency), .optional("billing_error_id", .identifier),
    ]

    static let parameters: JSON = [
        "IdempotencyKey": [
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Makes the request happen once when its body has no id of its own.", "schema": Schema.identifier.openAPI,
        ]
    ]

    private static let endUserNote = """
        An end user's token, HS256 with the shop's secret: reads that user's data and nothing else. `iss`: the shop, `sub`: the user, \
        `aud`: `shopmeter`, `exp`; `nbf` counts where it is given, and all by the system's clock, without leeway.
        """

    static let securitySchemes: JSON = [
        "admin": ["type": "http", "scheme": "bearer", "description": "The platform's admin token."],
        "api_key": [
            "type": "http", "scheme": "bearer", "bearerFormat": "smk_<key id>_<secret>",
            "description": "A shop's key; the requirement names the scope that it must have.",
        ],
        "end_user": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": .string(endUserNote),
        ],
    ]
}

extension Route.Body {
    var schema: Schema? {
        switch self {
        case .none, .raw: nil
        case .json(let schema), .optional(let schema): schema
        }
    }
}
