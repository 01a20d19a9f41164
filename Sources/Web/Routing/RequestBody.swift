import HTTP
import JSON

/// What a request's body must be.
package enum RequestBody: Sendable {
    case none
    /// JSON that fits the schema.
    case json(Schema)
    /// Like `json`; or what one of the forms makes into JSON that fits the schema.
    case forms(Schema, [BodyForm])
    /// Like `json`; a body that is left out means an object without fields.
    case optional(Schema)
    /// Bytes of any media type, such as a signed message, which the handler reads from `call.request.body`. `note` tells people what they are, and the
    /// schema, by which nothing is checked here, what JSON is in them.
    case raw(note: String, Schema)

    /// The body's schema; nil when the body is not JSON.
    var schema: Schema? {
        switch self {
        case .none, .raw: nil
        case .json(let schema), .forms(let schema, _), .optional(let schema): schema
        }
    }

    /// The schemas that the document names.
    package var schemas: [Schema] {
        switch self {
        case .none: []
        case .json(let schema), .optional(let schema), .raw(_, let schema): [schema]
        case .forms(let schema, let forms): [schema] + forms.map(\.schema)
        }
    }

    /// Parses the request's body; null when it is not JSON. Throws the problems `malformed_request` and `unsupported_media_type`, and
    /// `JSON.SyntaxError`.
    func read(from request: Request) throws -> JSON {
        if takesBody { try Self.checkCoding(of: request) }
        switch self {
        case .raw: return .null
        case .none:
            guard request.body.isEmpty else { throw Problem(.malformedRequest, "this takes no body") }
            return .null
        case .optional where request.body.isEmpty: return .object([:])
        case .forms(_, let forms):
            if let form = forms.first(where: { $0.isMeant(by: request.headers) }) { return try form.json(of: request) }
            fallthrough
        case .json, .optional:
            try Self.checkType(of: request)
            return try JSON(parsing: request.body)
        }
    }

    private var takesBody: Bool {
        if case .none = self { false } else { true }
    }

    private static func checkCoding(of request: Request) throws(Problem) {
        guard !request.headers.has("content-encoding") || ContentCoding.isIdentity(request.headers.values(of: "content-encoding")) else {
            let accepted = Headers(["accept-encoding": ContentCoding.identity])
            throw Problem(.unsupportedMediaType, "the body must have no content coding", headers: accepted)
        }
    }

    private static func checkType(of request: Request) throws(Problem) {
        if request.headers.only("content-type") == MediaType.json { return }
        let types = request.headers.values(of: "content-type")
        if types.isEmpty, request.body.isEmpty { throw Problem(.malformedJSON, "the body is empty") }
        guard types.count == 1, MediaType.isJSON(types[0]) else {
            throw Problem(.unsupportedMediaType, "the body must be \(MediaType.json) in UTF-8")
        }
    }
}
