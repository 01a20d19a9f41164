package import HTTP
internal import JSON

/// One operation of the service: what it takes, what it answers, who may call it, and what it does.
package struct Route: Sendable {
    /// What a request's body must be.
    package enum Body: Sendable {
        case none
        case json(Schema)
        /// Like `json`, and no body means an object without fields.
        case optional(Schema)
        /// Bytes of any type that the handler reads itself from `call.request.body`, such as a signed message.
        case raw(note: String)
    }

    package let method: Request.Method
    /// The path with `{name}` for what varies.
    package let pattern: String
    package let summary: String
    package let description: String?
    package let tag: String
    package let access: Access
    package let parameters: [Parameter]
    package let body: Body
    package let answers: [Answer]
    /// What it refuses with of its own; what every route refuses with is added from the rest.
    package let problems: [ProblemCode]
    package let handle: @Sendable (Call) async throws -> Response

    package init(
        _ method: Request.Method, _ pattern: String, _ summary: String, description: String? = nil, tag: String, access: Access,
        parameters: [Parameter] = [], body: Body = .none, answers: [Answer], problems: [ProblemCode] = [],
        handle: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.pattern = pattern
        self.summary = summary
        self.description = description
        self.tag = tag
        self.access = access
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.problems = problems
        self.handle = handle
    }
}

/// One way in which a route succeeds.
package struct Answer: Sendable {
    let status: Int
    let description: String
    let content: [(mediaType: String, schema: Schema)]
    /// Headers of its own, by name, with what they say.
    let headers: [(name: String, note: String)]

    /// JSON.
    package static func json(_ status: Int, _ description: String, _ schema: Schema, headers: [(name: String, note: String)] = []) -> Answer
    {
        Answer(status: status, description: description, content: [(MediaType.json, schema)], headers: headers)
    }

    /// Text in one or more formats, the preferred one first.
    package static func text(_ status: Int, _ description: String, as mediaTypes: [String]) -> Answer {
        let text = Schema.string(0...Int.max)
        return Answer(status: status, description: description, content: mediaTypes.map { ($0, text) }, headers: [])
    }

    /// JSON or, when asked for, another format.
    package static func json(_ status: Int, _ description: String, _ schema: Schema, or mediaTypes: [String]) -> Answer {
        let text = Schema.string(0...Int.max)
        let content = [(MediaType.json, schema)] + mediaTypes.map { ($0, text) }
        return Answer(status: status, description: description, content: content, headers: [])
    }

    /// No body.
    package static func empty(_ status: Int, _ description: String) -> Answer {
        Answer(status: status, description: description, content: [], headers: [])
    }
}
