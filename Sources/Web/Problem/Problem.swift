package import HTTP
package import JSON

/// A refusal or a failure as a client sees it (RFC 9457). Handlers throw it.
package struct Problem: Error, Sendable {
    package let code: ProblemCode
    /// The code's status, unless HTTP has a closer one, such as 408.
    package let status: Int
    /// A sentence for the person who reads the client's log. It tells nothing of how the service works inside.
    package let detail: String?
    package var errors: [FieldError]
    /// Members of this problem alone, beside those of every problem.
    package var members: JSON.Object
    /// Headers of this problem alone, beside those that its status must have.
    package var headers: Headers

    package init(
        _ code: ProblemCode, _ detail: String? = nil, status: Int? = nil, errors: [FieldError] = [], members: JSON.Object = [:],
        headers: Headers = Headers()
    ) {
        self.code = code
        self.status = status ?? code.status
        self.detail = detail
        self.errors = errors
        self.members = members
        self.headers = headers
    }

    /// `invalid_request` with an error for each wrong field.
    package static func invalid(_ errors: [FieldError]) -> Problem {
        let first = errors.first.map { "\($0.field): \($0.message)" }
        return Problem(.invalidRequest, first, errors: errors)
    }

    /// `invalid_request` for one field.
    package static func invalid(_ field: String, _ message: String) -> Problem {
        invalid([FieldError(field: field, message: message)])
    }

    /// `overloaded`; the client may try again after that many seconds.
    package static func overloaded(retryAfter seconds: Int, _ detail: String? = nil) -> Problem {
        Problem(.overloaded, detail, headers: Headers(["retry-after": "\(seconds)"]))
    }
}

extension Problem {
    package static let mediaType = "application/problem+json"

    /// The problem's members. Without a request's id, it is part of an answer whose header has the id.
    package func json(requestID: String?) -> JSON {
        var object: JSON.Object = [
            "type": .string(code.type), "title": .string(code.title), "status": JSON(status),
        ]
        if let detail { object["detail"] = .string(detail) }
        object["code"] = .string(code.rawValue)
        if let requestID { object["request_id"] = .string(requestID) }
        if !errors.isEmpty { object["errors"] = .array(errors.map { ["field": .string($0.field), "message": .string($0.message)] }) }
        for field in members.fields where object[field.name] == nil { object[field.name] = field.value }
        return .object(object)
    }

    /// The answer, with the headers that its status must have.
    package func response(requestID: String) -> Response {
        var headers = headers
        headers.add("content-type", Self.mediaType)
        headers.add("x-request-id", requestID)
        if status == 401, headers["www-authenticate"] == nil { headers.add("www-authenticate", "Bearer") }
        if status == 429 || status == 503, headers["retry-after"] == nil { headers.add("retry-after", "1") }
        return Response(status: status, headers: headers, body: json(requestID: requestID).encoded)
    }
}

/// An error that says which problem it is to a client.
package protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension Problem {
    /// The problem that a handler's error is to the client; a bare 500 for any error that is not foreseen here.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as any ProblemConvertible: self = error.problem
        case let error as RequestError: self.init(error)
        case let error as JSON.SyntaxError: self.init(.malformedJSON, "\(error.message), at byte \(error.offset)")
        case is CancellationError: self.init(.overloaded, "the request was given up before it was done")
        default: self.init(.internal)
        }
    }

    /// The problem of a message that the HTTP layer refused before there was a request.
    package init(_ error: RequestError) {
        switch error.kind {
        case .malformed, .timedOut, .targetTooLong, .headersTooLarge: self.init(.malformedRequest, error.detail, status: error.status)
        case .bodyTooLarge: self.init(.bodyTooLarge, error.detail)
        case .overloaded: self.init(.overloaded, error.detail)
        }
    }
}

extension Problem {
    /// The members of every problem with one of the codes (RFC 9457, 3), and those of an interface's own.
    package static func fields(codes: [ProblemCode], own: [Schema.Field]) -> [Schema.Field] {
        let error = Schema.answer([.required("field", .string(0...Int.max)), .required("message", .string(0...Int.max))]).named(
            "FieldError")
        return [
            .required("type", .string(0...256)), .required("title", .string(0...256)), .required("status", .integer(400...599)),
            .optional("detail", .string(0...Int.max)), .required("code", .enumeration(codes.map(\.rawValue)).named("ProblemCode")),
            .optional("errors", .array(of: error)),
        ] + own
    }
}
