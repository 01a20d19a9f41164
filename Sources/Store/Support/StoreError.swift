internal import Mongo

/// An error of the database as use cases see it. Its kind decides whether the use case is tried again.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The database cannot be reached. Nothing was stored.
        case unavailable
        /// The database did not answer in time, or broke the work off. Whether anything was stored is unknown.
        case interrupted
        /// Too many calls wait for a thread or connection.
        case overloaded
        /// An id is taken; nothing of the transaction is stored.
        case duplicate
        /// A document moved since it was read; nothing of the transaction is stored.
        case conflict
        /// Another transaction, which may still be open, changed a document first; nothing of the transaction is stored.
        case contended
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

/// The pauses of whoever tries again after `contended`: at random, so that two who met do not meet again, and up to half a second.
package struct ContentionPauses: Sendable {
    private var backoff = Backoff()

    package init() {}

    /// - Parameter jitter: from 0 to 1.
    package mutating func next(jitter: Double = .random(in: 0...1)) -> Duration { backoff.next(jitter: jitter) }
}

extension StoreError {
    init(_ error: MongoError) {
        let kind: Kind =
            switch error.kind {
            case .unavailable where error.isUnreached: .unavailable
            case .unavailable, .timeout, .interrupted, .commitUnknown, .cursorLost, .transactionAborted: .interrupted
            case .overloaded: .overloaded
            case .duplicateKey: .duplicate
            case .writeConflict: .contended
            case .validation: .invalid
            default: .other
            }
        self.init(kind, "\(error)")
    }
}
