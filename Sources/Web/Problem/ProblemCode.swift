/// What went wrong, as a client's program tells problems apart. An interface adds its own codes to those of the protocol.
package struct ProblemCode: Hashable, Sendable {
    /// The code in JSON.
    package let rawValue: String
    /// The HTTP status of its answers.
    package let status: Int
    /// Further statuses, where HTTP has a closer one.
    package let closerStatuses: [Int]
    /// A few words that are the same each time (RFC 9457, 3.1.3).
    package let title: String

    package init(_ rawValue: String, status: Int, closerStatuses: [Int] = [], title: String) {
        self.rawValue = rawValue
        self.status = status
        self.closerStatuses = closerStatuses
        self.title = title
    }

    /// The problem's type (RFC 9457, 3.1.1).
    var type: String { "urn:shopmeter:problem:\(rawValue)" }
}

/// The codes of the protocol, which any interface may answer with.
extension ProblemCode {
    /// Also of a request that came too slowly, whose target is too long, or whose header section is too large.
    package static let malformedRequest = ProblemCode(
        "malformed_request", status: 400, closerStatuses: [408, 414, 431], title: "The request is malformed")
    package static let malformedJSON = ProblemCode("malformed_json", status: 400, title: "The body is not JSON")
    package static let unauthorized = ProblemCode("unauthorized", status: 401, title: "The credential is missing or unknown")
    package static let forbidden = ProblemCode("forbidden", status: 403, title: "The credential does not allow this")
    package static let notFound = ProblemCode("not_found", status: 404, title: "There is no such thing")
    package static let methodNotAllowed = ProblemCode("method_not_allowed", status: 405, title: "The path does not take this method")
    package static let notAcceptable = ProblemCode(
        "not_acceptable", status: 406, title: "Nothing here is in a format that the request accepts")
    package static let conflict = ProblemCode("conflict", status: 409, title: "The request conflicts with what is there")
    package static let idempotencyConflict = ProblemCode("idempotency_conflict", status: 409, title: "The id was used for other content")
    package static let bodyTooLarge = ProblemCode("body_too_large", status: 413, title: "The body is too large")
    package static let unsupportedMediaType = ProblemCode(
        "unsupported_media_type", status: 415, title: "The body is in a format that is not taken")
    package static let invalidRequest = ProblemCode("invalid_request", status: 422, title: "The request is not valid")
    package static let rateLimited = ProblemCode("rate_limited", status: 429, title: "Too many requests")
    package static let `internal` = ProblemCode("internal", status: 500, title: "Something went wrong here")
    package static let overloaded = ProblemCode("overloaded", status: 503, title: "The service has too much to do")
}
