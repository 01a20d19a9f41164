/// What a shop's API key may do.
package enum Scope: String, CaseIterable, Hashable, Sendable {
    case read, usage, billing, manage
}

package struct KeyID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A shop's API key: its secret's hash, never the secret.
package struct APIKey: Equatable, Sendable {
    package let id: KeyID
    package let name: String
    /// SHA-256 of the secret.
    package let hash: [UInt8]
    package let scopes: Set<Scope>
    package let lastFour: String
    package let createdAt: Timestamp
    package let revokedAt: Timestamp?

    package init(
        id: KeyID, name: String, hash: [UInt8], scopes: Set<Scope>, lastFour: String, createdAt: Timestamp, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.hash = hash
        self.scopes = scopes
        self.lastFour = lastFour
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}
