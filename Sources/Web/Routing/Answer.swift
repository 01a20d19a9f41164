package import HTTP
package import JSON

/// One way in which a route succeeds, as it is declared.
package struct Answer: Sendable {
    package let status: Int
    let description: String
    /// The body's schema in each media type that the route answers in, the preferred one first; empty for no body.
    package internal(set) var content: [(mediaType: String, schema: Schema)]
    /// The headers of this answer alone: their names, and a sentence on what each says.
    let headers: [(name: String, note: String)]

    /// A body in JSON.
    package static func json(_ status: Int, _ description: String, _ schema: Schema, headers: [(name: String, note: String)] = []) -> Answer
    {
        Answer(status: status, description: description, content: [(MediaType.json, schema)], headers: headers)
    }

    /// A body of text in one or more formats, the preferred one first.
    package static func text(_ status: Int, _ description: String, as mediaTypes: [String]) -> Answer {
        let text = Schema.string(0...Int.max)
        return Answer(status: status, description: description, content: mediaTypes.map { ($0, text) }, headers: [])
    }

    /// A body in JSON or, when the client prefers it, in another format.
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

extension Response {
    package static func json(_ status: Int, _ value: JSON) -> Response { json(status, written: value.encoded) }

    /// `written`: a JSON value as its bytes.
    package static func json(_ status: Int, written: [UInt8]) -> Response {
        Response(status: status, headers: Headers(["content-type": MediaType.json]), body: written)
    }

    package static func text(_ status: Int, _ text: String, as mediaType: String) -> Response {
        Response(status: status, headers: Headers(["content-type": "\(mediaType); charset=utf-8"]), body: Array(text.utf8))
    }

    /// 204, without a body.
    package static let empty = Response(status: 204)
}
