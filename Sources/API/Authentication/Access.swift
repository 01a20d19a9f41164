import HTTP
package import JSON
package import Metering
package import Service
package import Web

package typealias Route = Web.Route<Access>
package typealias Call = Web.Call<Access>
package typealias RouteTable = Web.RouteTable<Access>
package typealias Dispatcher = Web.Dispatcher<Access>

/// Who may call a route.
package enum Access: Sendable {
    /// Anyone, without a credential.
    case open
    /// The platform's operator, by the admin token.
    case admin
    /// A shop, by a key with this scope. With `endUser`, also an end user of the shop, by a token, for that user's own data: the route then
    /// has a `user_id` in its path or query, which defaults to the token's user and may not be another.
    case shop(Scope, endUser: Bool = false)
}

extension Access: AccessRule {
    package typealias Credential = Service.Credential

    package var isOpen: Bool {
        if case .open = self { true } else { false }
    }

    var admitsEndUsers: Bool {
        if case .shop(_, endUser: true) = self { true } else { false }
    }

    package var problems: [ProblemCode] { isOpen ? [] : [.unauthorized, .forbidden, .rateLimited, .databaseUnavailable] }

    package func check(_ credential: Credential) throws(Problem) {
        switch (self, credential) {
        case (.open, _), (.admin, .admin), (.shop(_, endUser: true), .endUser): return
        case (.shop(let scope, _), .shop(_, let scopes, _)):
            if !scopes.allow(scope) { throw Problem(.forbidden, "the key does not have the scope \(scope.rawValue)") }
        case (.admin, _): throw Problem(.forbidden, "this takes the platform's admin token")
        case (.shop, .admin): throw Problem(.forbidden, "this takes a shop's key: the shop comes from the credential")
        case (.shop, .endUser): throw Problem(.forbidden, "an end user's token does not allow this")
        }
    }
}

/// An end user's token reads that user's data and nothing else.
extension Access {
    private static let userParameter = "user_id"

    /// Adds the token's user to a query that leaves `user_id` out; throws `forbidden` when `user_id` is another user.
    package func confine(_ arguments: inout RequestArguments, to credential: Credential) throws(Problem) {
        guard case .endUser(_, let user) = credential, admitsEndUsers else { return }
        let inQuery = arguments.query.filter { $0.name == Self.userParameter }.map(\.value)
        let given = [arguments.path[Self.userParameter]].compactMap { $0 } + inQuery
        guard given.allSatisfy({ UserID(stored: $0) == user }) else {
            throw Problem(.forbidden, "an end user's token reads that user's data only")
        }
        if given.isEmpty { arguments.query.append((Self.userParameter, user.rawValue)) }
    }

    /// A route for end users says whose data it is about, or it would show everyone's.
    package func objection(to route: Route) -> String? {
        guard admitsEndUsers else { return nil }
        guard route.method == .get else { return "end users only read" }
        return route.parameters.contains { $0.name == Self.userParameter } ? nil : "it admits end users and has no user_id"
    }
}

/// The rule in the OpenAPI document.
extension Access {
    package var security: JSON {
        switch self {
        case .open: []
        case .admin: [["admin": []]]
        case .shop(let scope, let endUser):
            .array([["api_key": [.string(scope.rawValue)]]] + (endUser ? [["end_user": []]] : []))
        }
    }

    private static let endUserNote = """
        An end user's token, HS256 with the shop's secret: reads that user's data and nothing else. `iss`: the shop, `sub`: the user, \
        `aud`: `shopmeter`, `exp`; `nbf` and `iat` count where they are given, with 60 seconds of leeway, and all by the system's clock.
        """

    /// Security Scheme Objects (OpenAPI 3.1, 4.8.27).
    static let securitySchemes: JSON = [
        "admin": ["type": "http", "scheme": "bearer", "description": "The platform's admin token."],
        "api_key": [
            "type": "http", "scheme": "bearer", "bearerFormat": "smk_<key id>_<secret>, as smk_[0-9a-f]{12}_[0-9a-f]{72}",
            "description": "A shop's key; the requirement names the scope that it must have.",
        ],
        "end_user": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": .string(endUserNote),
        ],
    ]
}
