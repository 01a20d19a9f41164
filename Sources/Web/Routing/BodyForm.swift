package import HTTP
package import JSON

/// Another form in which a client may send a route's JSON.
package struct BodyForm: Sendable {
    package let mediaType: String
    /// A header that the form has, where the media type alone does not tell it: in lower case.
    let header: String?
    /// What a body of the form is, for the document.
    let schema: Schema
    /// Makes the route's JSON of a body's; null for a body that is left out where a header tells the form.
    let translate: @Sendable (JSON, Headers) throws -> JSON

    package init(
        _ mediaType: String, header: String? = nil, schema: Schema, translate: @escaping @Sendable (JSON, Headers) throws -> JSON
    ) {
        self.mediaType = mediaType
        self.header = header
        self.schema = schema
        self.translate = translate
    }

    func isMeant(by headers: Headers) -> Bool {
        if let header { return headers.has(header) }
        return headers.only("content-type").map { MediaType.isJSON($0, named: mediaType) } ?? false
    }

    func json(of request: Request) throws -> JSON {
        if header != nil, request.body.isEmpty { return try translate(.null, request.headers) }
        // Where a header tells the form, the type may be left out, as senders do whose event names none for its data.
        let isUntyped = header != nil && !request.headers.has("content-type")
        guard isUntyped || request.headers.only("content-type").map({ MediaType.isJSON($0, named: mediaType) }) ?? false else {
            throw Problem(.unsupportedMediaType, "the body must be \(mediaType) in UTF-8")
        }
        return try translate(JSON(parsing: request.body), request.headers)
    }
}
