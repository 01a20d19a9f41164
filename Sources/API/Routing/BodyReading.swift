import HTTP
import JSON

extension Route.Body {
    /// The request's body as the route wants it; null when it wants none. Throws `unsupported_media_type` or, as a
    /// `JSON.SyntaxError`, `malformed_json`.
    func read(from request: Request) throws -> JSON {
        switch self {
        case .raw: return .null
        case .none:
            guard request.body.isEmpty else { throw Problem(.malformedRequest, "this takes no body") }
            return .null
        case .optional where request.body.isEmpty: return .object([:])
        case .json, .optional:
            try Self.checkType(of: request)
            return try JSON(parsing: request.body)
        }
    }

    func validate(_ body: JSON) -> [FieldError] {
        switch self {
        case .none, .raw: []
        case .json(let schema), .optional(let schema): schema.validate(body)
        }
    }

    private static func checkType(of request: Request) throws(Problem) {
        let types = request.headers.values(of: "content-type")
        if types.isEmpty, request.body.isEmpty { throw Problem(.malformedJSON, "the body is empty") }
        guard types.count == 1, MediaType.isJSON(types[0]) else {
            throw Problem(.unsupportedMediaType, "the body must be \(MediaType.json) in UTF-8")
        }
    }
}
