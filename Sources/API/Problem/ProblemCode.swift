internal import JSON

/// What went wrong, as a client's program tells problems apart.
package enum ProblemCode: String, CaseIterable, Hashable, Sendable {
    case malformedRequest = "malformed_request"
    case malformedJSON = "malformed_json"
    case unauthorized
    case forbidden
    case usageLimitExceeded = "usage_limit_exceeded"
    case insufficientBalance = "insufficient_balance"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case conflict
    case idempotencyConflict = "idempotency_conflict"
    case invalidTransition = "invalid_transition"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalidRequest = "invalid_request"
    case rateLimited = "rate_limited"
    case `internal`
    case overloaded
    case databaseUnavailable = "database_unavailable"

    package var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON: 400
        case .unauthorized: 401
        case .usageLimitExceeded, .insufficientBalance: 402
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .conflict, .idempotencyConflict, .invalidTransition: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidRequest: 422
        case .rateLimited: 429
        case .internal: 500
        case .overloaded, .databaseUnavailable: 503
        }
    }

    /// A few words that are the same each time (RFC 9457, 3.1.3).
    package var title: String {
        switch self {
        case .malformedRequest: "The request is malformed"
        case .malformedJSON: "The body is not JSON"
        case .unauthorized: "The credential is missing or unknown"
        case .forbidden: "The credential does not allow this"
        case .usageLimitExceeded: "The allowance is used up"
        case .insufficientBalance: "The balance is too small"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The path does not take this method"
        case .notAcceptable: "Nothing here is in a format that the request accepts"
        case .conflict: "The request conflicts with what is there"
        case .idempotencyConflict: "The id was used for other content"
        case .invalidTransition: "The lifecycle does not have this step"
        case .bodyTooLarge: "The body is too large"
        case .unsupportedMediaType: "The body is in a format that is not taken"
        case .invalidRequest: "The request is not valid"
        case .rateLimited: "Too many requests"
        case .internal: "Something went wrong here"
        case .overloaded: "The service has too much to do"
        case .databaseUnavailable: "The database cannot be reached"
        }
    }
}
