internal import JSON

/// The problems of one status: one response of the document.
struct ProblemGroup {
    let status: Int
    let codes: [ProblemCode]

    init(status: Int, codes: [ProblemCode]) {
        self.status = status
        self.codes = codes.sorted { $0.rawValue < $1.rawValue }
    }

    var name: String { codes.map(\.rawValue).joined(separator: "_or_") }

    var document: JSON {
        let description = codes.map { "`\($0.rawValue)`: \($0.title)." }.joined(separator: " ")
        var document: JSON.Object = [
            "description": .string(description),
            "content": .object([Problem.mediaType: ["schema": ["$ref": "#/components/schemas/Problem"]]]),
        ]
        let headers: [Int: String] = [401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"]
        if let header = headers[status] { document["headers"] = .object([header: ["schema": ["type": "string"]]]) }
        return .object(document)
    }
}
