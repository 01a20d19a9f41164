/// What the holder of an API key may do: read data, record usage, handle money, manage plans and subscriptions.
package enum Scope: String, CaseIterable, Hashable, Sendable {
    case read, usage, billing, manage
}

package struct KeyID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// What a shop may know of one of its API keys once it is made: neither the key's secret nor the secret's hash.
package struct APIKey: Equatable, Sendable {
    package let id: KeyID
    package let name: String
    package let scopes: Set<Scope>
    /// The last four characters of the secret, to tell keys apart.
    package let lastFour: String
    package let createdAt: Timestamp
    /// Nil while the key counts.
    package let revokedAt: Timestamp?

    package init(id: KeyID, name: String, scopes: Set<Scope>, lastFour: String, createdAt: Timestamp, revokedAt: Timestamp? = nil) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.lastFour = lastFour
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}
