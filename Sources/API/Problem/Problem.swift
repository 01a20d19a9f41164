package import HTTP
package import JSON

/// A refusal or a failure as a client sees it (RFC 9457). Handlers throw it.
package struct Problem: Error, Sendable {
    package let code: ProblemCode
    /// The code's own, unless the protocol has a closer one (408, 431).
    package let status: Int
    /// A sentence for the person who reads the client's log. Nothing of the inside.
    package let detail: String?
    package var errors: [FieldError]
    /// Further members, such as `limit` and `available`.
    package var members: JSON.Object
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

    /// 422 with what is wrong with each field.
    package static func invalid(_ errors: [FieldError]) -> Problem {
        let first = errors.first.map { "\($0.field): \($0.message)" }
        return Problem(.invalidRequest, first, errors: errors)
    }

    /// 422 for one field.
    package static func invalid(_ field: String, _ message: String) -> Problem {
        invalid([FieldError(field: field, message: message)])
    }

    /// 503 with the seconds after which to try again.
    package static func overloaded(retryAfter seconds: Int) -> Problem {
        Problem(.overloaded, headers: Headers(["retry-after": "\(seconds)"]))
    }
}

extension Problem {
    package static let mediaType = "application/problem+json"

    /// Without a request's id, as a part of an answer to that request.
    package func json(requestID: String?) -> JSON {
        var object: JSON.Object = [
            "type": "urn:shopmeter:problem:\(code.rawValue)", "title": .string(code.title), "status": JSON(status),
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
