internal import Mongo

/// An error of the database as use cases see it. Its kind decides whether the use case is tried again.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The database cannot be reached, or did not answer in time. Whether anything was stored is unknown.
        case unavailable
        /// Too many calls wait for a thread or connection.
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

extension StoreError {
    init(_ error: MongoError) {
        let kind: Kind =
            switch error.kind {
            case .unavailable, .timeout, .commitUnknown, .cursorLost, .transactionAborted: .unavailable
            case .overloaded: .overloaded
            case .duplicateKey: .duplicate
            case .writeConflict: .conflict
            case .validation: .invalid
            default: .other
            }
        self.init(kind, "\(error)")
    }
}
