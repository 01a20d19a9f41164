/// A permission of an API key's holder: read data, record usage, read money, handle money, manage plans and subscriptions.
package enum Scope: String, CaseIterable, Hashable, Sendable {
    case read, usage
    case billingRead = "billing:read"
    case billing, manage
}

extension Set<Scope> {
    /// Whether they allow what takes that scope: `billing` has `billing:read` in it.
    package func allow(_ scope: Scope) -> Bool { contains(scope) || scope == .billingRead && contains(.billing) }
}

package struct KeyID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// An API key as a shop may see it once it is made: without its secret, and without the secret's hash.
package struct APIKey: Equatable, Sendable {
    /// What a key may do, from where, and until when.
    package struct Terms: Equatable, Sendable {
        /// The most networks that a key is confined to.
        package static let maximumAddresses = 64

        package var name: String
        package var scopes: Set<Scope>
        /// The networks from which it counts; empty: from everywhere.
        package var addresses: [AddressRange]
        /// From when on it does not count; nil: it does until it is revoked.
        package var expiresAt: Timestamp?

        package init(name: String, scopes: Set<Scope>, addresses: [AddressRange] = [], expiresAt: Timestamp? = nil) {
            self.name = name
            self.scopes = scopes
            self.addresses = addresses
            self.expiresAt = expiresAt
        }
    }

    package let id: KeyID
    package var terms: Terms
    /// The last four characters of the key's text, to tell keys apart.
    package let lastFour: String
    package let createdAt: Timestamp
    /// Nil while the key counts.
    package let revokedAt: Timestamp?
    /// When it was used, to within some minutes; nil: never.
    package let lastUsedAt: Timestamp?
    /// The key that was made in its place.
    package var replacedBy: KeyID?

    package init(
        id: KeyID, terms: Terms, lastFour: String, createdAt: Timestamp, revokedAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil,
        replacedBy: KeyID? = nil
    ) {
        self.id = id
        self.terms = terms
        self.lastFour = lastFour
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
        self.replacedBy = replacedBy
    }

    package func isLive(at now: Timestamp) -> Bool { revokedAt == nil && terms.expiresAt.map { now < $0 } != false }

    /// Whether the key counts for a caller from that address, as `AddressRange` reads it. A caller without a known address has none that a key
    /// is confined to.
    package func admits(_ address: String?, at now: Timestamp) -> Bool {
        guard isLive(at: now) else { return false }
        guard !terms.addresses.isEmpty else { return true }
        guard let caller = address.flatMap(AddressRange.init) else { return false }
        return terms.addresses.contains { $0.contains(caller) }
    }
}

/// How a key is replaced by a new one.
extension APIKey {
    /// For how many seconds a key may count beside the one that replaces it.
    package static let overlaps: ClosedRange<Int64> = 0...2_592_000
    package static let defaultOverlap: Int64 = 86_400

    /// The terms of the key that replaces this one now: the same; one that expires lasts as long again.
    package func termsOfNext(at now: Timestamp) -> Terms {
        var next = terms
        next.expiresAt = terms.expiresAt.map { now.adding(milliseconds: $0.milliseconds - createdAt.milliseconds) }
        return next
    }

    /// The key as it is once `next` has replaced it: it counts for `overlap` seconds, and no longer than it did.
    package func replaced(by next: KeyID, overlap: Int64, at now: Timestamp) -> APIKey {
        var key = self
        let end = now.adding(milliseconds: overlap * 1_000)
        key.terms.expiresAt = terms.expiresAt.map { min($0, end) } ?? end
        key.replacedBy = next
        return key
    }
}
