internal import Mongo

/// What can go wrong between a use case and the database. Whether to try again is decided by the kind.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The database cannot be reached, or did not answer in time: nothing is known to be stored.
        case unavailable
        /// Too many calls wait for the database.
        case overloaded
        /// An id is taken; nothing of the transaction is stored.
        case duplicate
        /// A document moved since it was read; nothing of the transaction is stored.
        case conflict
        /// A document cannot be stored, or cannot be read, as it is.
        case invalid
        case other
    }

    package let kind: Kind
    /// For the log, never for a client.
    package let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
