import HTTP

/// The media types of bodies.
package enum MediaType {
    package static let json = "application/json"
    package static let html = "text/html"
    package static let plain = "text/plain"
    package static let csv = "text/csv"
    package static let ndjson = "application/x-ndjson"

    /// Whether a `content-type` is JSON in UTF-8 (RFC 8259, 8.1 and 11): the type alone or with `charset=utf-8`.
    static func isJSON(_ contentType: String, named json: String = Self.json) -> Bool {
        if contentType == json { return true }
        let parts = contentType.lowercased().split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmingSpace }
        return parts[0] == json && parts.dropFirst().allSatisfy { $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" }
    }
}

/// The coding of a body (RFC 9110, 8.4).
enum ContentCoding {
    static let identity = "identity"

    /// Whether the values of a request's `content-encoding` headers name no coding but `identity`, which changes nothing.
    static func isIdentity(_ fields: [String]) -> Bool {
        let codings = fields.flatMap { $0.lowercased().split(separator: ",") }.map { $0.trimmingSpace }
        return codings.allSatisfy { $0.isEmpty || $0 == identity }
    }
}

/// The media types that a client accepts in the answer (RFC 9110, 12.5.1).
struct AcceptHeader {
    private struct Range {
        let type: Substring
        let subtype: Substring
        /// From 0 (refused) to 1.
        let quality: Double

        /// How closely the range names `mediaType`: 3 exactly, 2 by type, 1 as `*/*`, nil when it does not.
        func closeness(to mediaType: String) -> Int? {
            let parts = mediaType.split(separator: "/", maxSplits: 1)
            if type == "*" && subtype == "*" { return 1 }
            guard type == parts[0] else { return nil }
            return subtype == "*" ? 2 : subtype == parts[1] ? 3 : nil
        }
    }

    private let ranges: [Range]

    /// `fields` are the values of the request's `accept` headers; without one, the client accepts every media type. A range that is not
    /// well-formed is ignored.
    init(_ fields: [String]) {
        let elements = fields.flatMap { $0.lowercased().split(separator: ",") }
        ranges = fields.isEmpty ? [Range(type: "*", subtype: "*", quality: 1)] : elements.compactMap(Self.range)
    }

    private static func range(_ element: Substring) -> Range? {
        let parts = element.split(separator: ";").map { $0.trimmingSpace }
        let names = (parts.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
        let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { weight($0.dropFirst(2)) }
        return Range(type: names[0], subtype: names[1], quality: quality ?? 1)
    }

    /// The weight that the text says (RFC 9110, 12.4.2); 0 for a text that is no number from 0 to 1.
    private static func weight(_ text: Substring) -> Double {
        guard let weight = Double(text), (0...1).contains(weight) else { return 0 }
        return weight
    }

    /// From 0 (refused) to 1: the quality of the range that names the media type most closely.
    func quality(of mediaType: String) -> Double {
        let near = ranges.compactMap { range in range.closeness(to: mediaType).map { ($0, range.quality) } }
        guard let closest = near.map(\.0).max() else { return 0 }
        return near.filter { $0.0 == closest }.map(\.1).max() ?? 0
    }

    /// The media type of the highest quality, the first of several equals; nil when every quality is 0.
    func preferred(among mediaTypes: [String]) -> String? {
        var best: (mediaType: String, quality: Double)?
        for mediaType in mediaTypes {
            let quality = quality(of: mediaType)
            if quality > best?.quality ?? 0 { best = (mediaType, quality) }
        }
        return best?.mediaType
    }
}

extension PreparedRoute {
    /// The media type to answer the request in. Throws `not_acceptable` when the client accepts none of the route's and no problem either.
    func mediaType(for request: Request) throws(Problem) -> String {
        guard request.headers.has("accept") else { return mediaTypes[0] }
        let fields = request.headers.values(of: "accept")
        if fields == ["*/*"] || fields == [MediaType.json] && mediaTypes[0] == MediaType.json { return mediaTypes[0] }
        let accepted = AcceptHeader(fields)
        if let preferred = accepted.preferred(among: mediaTypes) { return preferred }
        guard accepted.quality(of: Problem.mediaType) > 0 else {
            throw Problem(.notAcceptable, "this answers in \(mediaTypes.joined(separator: ", "))")
        }
        return mediaTypes[0]
    }
}

extension StringProtocol {
    /// The text without the spaces and tabs around it (RFC 9110, 5.6.3).
    fileprivate var trimmingSpace: SubSequence {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }
}
