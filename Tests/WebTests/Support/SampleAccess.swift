import JSON
import Web

/// A rule with scopes, and with readers who see only their own `user_id`.
enum SampleAccess: AccessRule {
    case open, admin
    case scope(String, ownUser: Bool = false)

    struct Credential: Sendable {
        let name: String
        var scopes: Set<String> = []
        /// The one user whose data may be seen; nil: every user's.
        var user: String?
    }

    var isOpen: Bool {
        if case .open = self { true } else { false }
    }

    var problems: [ProblemCode] { isOpen ? [] : [.unauthorized, .forbidden] }

    var security: JSON {
        switch self {
        case .open: []
        case .admin: [["admin": []]]
        case .scope(let scope, let ownUser): .array([["api_key": [.string(scope)]]] + (ownUser ? [["end_user": []]] : []))
        }
    }

    func check(_ credential: Credential) throws(Problem) {
        switch self {
        case .open: return
        case .admin: if credential.scopes != ["admin"] { throw Problem(.forbidden) }
        case .scope(let scope, let ownUser):
            if credential.user == nil ? !credential.scopes.contains(scope) : !ownUser { throw Problem(.forbidden) }
        }
    }

    func confine(_ arguments: inout RequestArguments, to credential: Credential) throws(Problem) {
        guard let user = credential.user else { return }
        if let given = arguments.path["user_id"], given != user { throw Problem(.forbidden) }
        if arguments.path["user_id"] == nil { arguments.query.append(("user_id", user)) }
    }

    func objection(to route: Route) -> String? {
        if case .scope(_, ownUser: true) = self, !route.parameters.contains(where: { $0.name == "user_id" }) { "no user_id" } else { nil }
    }
}

extension TextFormat {
    static let identifier = TextFormat(
        expectation: "1 to 128 characters of A-Z a-z 0-9 . _ : @ -", keywords: ["pattern": "^[A-Za-z0-9._:@-]{1,128}$"],
        accepts: { text in
            (1...128).contains(text.utf8.count)
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._:@-".contains($0)) }
        })

    static let currency = TextFormat(
        expectation: "three capital letters", keywords: ["pattern": "^[A-Z]{3}$", "examples": ["EUR"]],
        accepts: { text in text.utf8.count == 3 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) } })

    static let time = TextFormat(
        expectation: "a time", keywords: ["format": "date-time"], accepts: { $0.hasSuffix("Z") && $0.dropFirst(10).first == "T" })

    static let money = TextFormat(
        expectation: "an amount", keywords: [:], accepts: { text in text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E } })
}

extension Schema {
    static let identifier = text(.identifier)
    static let time = text(.time)
    static let money = text(.money)
    static let quantity = integer(0...9_007_199_254_740_991)
}

extension Parameter {
    static func path(_ name: String) -> Parameter { path(name, .identifier) }
}
