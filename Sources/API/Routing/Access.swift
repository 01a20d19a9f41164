package import Metering
internal import Service

/// Who may call a route.
package enum Access: Sendable {
    /// Anyone, without a credential.
    case open
    /// The platform's admin token.
    case admin
    /// A shop's key with this scope; with `endUser`, also an end user's token, for what is that user's own: the route then
    /// has a `user_id` in its path or query, which defaults to the token's and may not be another's.
    case shop(Scope, endUser: Bool = false)
}

extension Access {
    var isOpen: Bool {
        if case .open = self { true } else { false }
    }

    var admitsEndUsers: Bool {
        if case .shop(_, endUser: true) = self { true } else { false }
    }

    /// Throws `forbidden` when the credential is not one of those.
    func check(_ credential: Credential) throws(Problem) {
        switch (self, credential) {
        case (.open, _), (.admin, .admin), (.shop(_, endUser: true), .endUser): return
        case (.shop(let scope, _), .shop(_, let scopes, _)):
            if !scopes.contains(scope) { throw Problem(.forbidden, "the key does not have the scope \(scope.rawValue)") }
        case (.admin, _): throw Problem(.forbidden, "this takes the platform's admin token")
        case (.shop, .admin): throw Problem(.forbidden, "this takes a shop's key: the shop comes from the credential")
        case (.shop, .endUser): throw Problem(.forbidden, "an end user's token does not allow this")
        }
    }
}
