import HTTP
package import JSON

/// Who may call a route. An interface brings its own rule; the dispatcher asks it about each request.
package protocol AccessRule: Sendable {
    /// Who is calling, after authentication.
    associatedtype Credential: Sendable

    /// Whether anyone may call, without a credential.
    var isOpen: Bool { get }

    /// The problems that a route has because of this rule: none when the route is open.
    var problems: [ProblemCode] { get }

    /// Security Requirement Objects, of which a caller must meet one (OpenAPI 3.1, 4.8.30).
    var security: JSON { get }

    /// Throws `forbidden` when the rule does not admit the credential.
    func check(_ credential: Credential) throws(Problem)

    /// Limits a request to the data that the credential may see: throws `forbidden` when the arguments name other data, and adds the
    /// arguments that the credential implies.
    func confine(_ arguments: inout RequestArguments, to credential: Credential) throws(Problem)

    /// Why the route cannot have this rule; nil when it can. The route table asks once, when it is made.
    func objection(to route: Route<Self>) -> String?
}

/// `Authorization: Bearer b64token` (RFC 6750, 2.1).
enum BearerToken {
    private static let scheme = "bearer "
    /// In bytes. A signed token such as a JWT is the longest.
    private static let maximumLength = 4096

    /// The token of the request's one `authorization` header; nil when there is no such header, more than one, or one of another form.
    static func token(in headers: Headers) -> String? {
        guard let bytes = headers.only("authorization")?.utf8 else { return nil }
        let (start, token) = (bytes.prefix(scheme.utf8.count), bytes.dropFirst(scheme.utf8.count))
        guard start.elementsEqual(scheme.utf8, by: { $0 == $1 || isLetter($1) && $0 == $1 & ~0x20 }) else { return nil }
        guard (1...maximumLength).contains(token.count), token.allSatisfy(isAllowed) else { return nil }
        return String(Substring(token))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        default: false
        }
    }
}
