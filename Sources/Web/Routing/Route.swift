package import HTTP
package import JSON

/// One operation of an interface: what it takes, what it answers, who may call it, and what it does.
package struct Route<Access: AccessRule>: Sendable {
    package let method: Request.Method
    /// The path with `{name}` for each segment that varies.
    package let pattern: String
    /// What the operation is called by clients that are made from the document, such as `recordUsage`; no other route has it.
    package let id: String
    package let summary: String
    package let description: String?
    /// The heading of the document that the route stands under.
    package let tag: String
    package let access: Access
    /// Nil for every method but POST, which must have one.
    package let idempotency: Idempotency?
    package internal(set) var parameters: [Parameter]
    package internal(set) var body: RequestBody
    package internal(set) var answers: [Answer]
    /// The problems of this operation alone; `allProblems` adds those that its access, its parameters and its body bring.
    package let problems: [ProblemCode]
    /// How long a request may take until its answer begins; a streamed body may take longer.
    package let patience: Duration
    /// Whether a request reads over all events of a user, or all data of a shop.
    package let isHeavy: Bool
    /// Whether a request takes microseconds of a processor's time, whatever its answer waits for: then it is handled on the thread of its
    /// connection.
    package let isBrief: Bool
    /// The answer of a route that waits for nothing; nil where `handle` is needed.
    package let immediate: (@Sendable (Call<Access>) throws -> Response)?
    package private(set) var handle: Handler

    package typealias Handler = @Sendable (Call<Access>) async throws -> Response

    package init(
        _ method: Request.Method, _ pattern: String, id: String, _ summary: String, description: String? = nil, tag: String, access: Access,
        idempotency: Idempotency? = nil, parameters: [Parameter] = [], body: RequestBody = .none, answers: [Answer],
        problems: [ProblemCode] = [], patience: Duration? = nil, isHeavy: Bool = false, isBrief: Bool = false,
        handle: @escaping Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.id = id
        self.summary = summary
        self.description = description
        self.tag = tag
        self.access = access
        self.idempotency = idempotency
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.problems = problems
        self.patience = patience ?? (isHeavy ? Patience.reading : Patience.standard)
        self.isHeavy = isHeavy
        self.isBrief = isBrief
        immediate = nil
        self.handle = handle
    }

    /// An open route, which answers at once.
    package init(
        _ method: Request.Method, _ pattern: String, id: String, _ summary: String, tag: String, open access: Access, answers: [Answer],
        immediate: @escaping @Sendable (Call<Access>) throws -> Response
    ) {
        (self.method, self.pattern, self.id, self.summary) = (method, pattern, id, summary)
        (self.tag, self.access, self.answers) = (tag, access, answers)
        (description, idempotency, parameters, body, problems) = (nil, nil, [], .none, [])
        (patience, isHeavy, isBrief) = (Patience.standard, false, true)
        self.immediate = immediate
        handle = immediate
    }
}

/// How long requests may take until their answers begin. A client gives up after some seconds, and an answer that nobody waits for only
/// takes a place from the others.
package enum Patience {
    /// The patience of every route that declares none and is not heavy: 503 within five seconds, with half a second to say so.
    package static let standard = Duration.milliseconds(4_500)
    /// The patience of a heavy route that declares none.
    package static let reading = Duration.seconds(30)
    /// Work for all shops at once, which the operator starts and waits for.
    package static let operating = Duration.seconds(600)
}

/// A request that passed every check of its route.
package struct Call<Access: AccessRule>: Sendable {
    package let requestID: String
    package let request: Request
    /// Who is calling; nil on an open route.
    package let credential: Access.Credential?
    /// The values of the path and the query, checked, with the defaults of those left out.
    package let parameters: JSON.Object
    /// The body, checked; null on a route whose body is not JSON.
    package let body: JSON
    /// The media type to answer in: of those that the route declares, the one that the client prefers.
    package let mediaType: String

    /// The body's fields; none when it is not an object.
    package var fields: JSON.Object { body.object ?? [:] }
}

extension Route {
    /// The route, with each of its handler's runs inside `around`.
    package func handled(within around: @escaping @Sendable (_ call: Call<Access>, _ handle: Handler) async throws -> Response) -> Route {
        var route = self
        route.handle = { [handle] call in try await around(call, handle) }
        return route
    }

    /// Every problem that the route may answer with.
    package var allProblems: Set<ProblemCode> {
        // Every route refuses a parameter that it does not declare.
        var codes = Set(problems + access.problems).union([.notAcceptable, .internal, .overloaded, .malformedRequest, .invalidRequest])
        if takesIdempotencyKey { codes.insert(.idempotencyConflict) }
        switch body {
        case .none: break
        case .raw: codes.formUnion([.unsupportedMediaType, .bodyTooLarge])
        case .json, .forms, .optional: codes.formUnion([.malformedJSON, .unsupportedMediaType, .bodyTooLarge])
        }
        return codes
    }

    var takesIdempotencyKey: Bool { idempotency?.takesKey ?? false }
}

/// How a POST that arrives twice, as a client's retry does, has the effect of one. Each POST declares it where its route is declared. One that
/// cannot honour the header refuses a request that has it: a client that relied on it would be deceived.
package enum Idempotency: Sendable {
    /// One effect for each value of the `Idempotency-Key` header; without the header, each request has its own.
    case key
    /// One effect for each id in this field of the body. With `orKey`, the header gives the id that the body leaves out.
    case id(_ field: String, orKey: Bool = false)
    /// The operation itself does nothing the second time, for this reason.
    case natural(_ reason: String)
    /// Each request has an effect of its own, for this reason.
    case none(_ reason: String)

    /// Whether the `Idempotency-Key` header counts; the document offers it then.
    var takesKey: Bool { refusal == nil }

    /// Why the header is refused; nil where it counts.
    private var refusal: String? {
        switch self {
        case .key, .id(_, orKey: true): nil
        case .id(let field, orKey: false): "each is done once for its \(field)"
        case .natural(let reason), .none(let reason): reason
        }
    }

    /// The error of a request that has the header where it does not count; nil for every other request.
    func objection(to request: Request) -> FieldError? {
        guard let refusal, request.headers[Self.header] != nil else { return nil }
        return FieldError(field: Self.headerName, message: "is not taken here: \(refusal)")
    }

    /// The header's name for people, and as requests have it.
    package static let headerName = "Idempotency-Key"
    package static let header = "idempotency-key"
}
