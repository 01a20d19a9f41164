package import BSON

/// An error of the database. Its kind and labels are decided where the server's reply is at hand, so that callers need not look at codes.
package struct MongoError: Error, Sendable {
    package enum Kind: Sendable, Hashable {
        /// No server could be reached, or the connection was lost. See `Labels.mayHaveHappened`.
        case unavailable
        /// The server or the write concern ran out of time.
        case timeout
        /// The server broke the operation off, or cannot do it just now.
        case interrupted
        /// Every connection is lent, or the queue of calls is full: the call may be made again later.
        case overloaded
        case duplicateKey
        /// Another transaction changed the document first.
        case writeConflict
        /// A validator refused the document.
        case validation
        /// A cursor ended before its last document.
        case cursorLost
        case transactionAborted
        /// Nobody knows whether the transaction was committed. The caller finds out by reading the documents that it would have written.
        case commitUnknown
        /// A document could not be encoded or decoded.
        case document
        /// The call itself is wrong: a lent connection that escaped, an update without operators, an option that does not exist.
        case misuse
        /// Any other answer of the server; the code tells which.
        case server
    }

    /// How a caller may go on after the error.
    package struct Labels: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Running the whole transaction again may succeed.
        package static let transientTransaction = Labels(rawValue: 1)
        /// Asking for the commit again may succeed.
        package static let unknownCommit = Labels(rawValue: 2)
        /// The write was sent, and may have been stored.
        package static let mayHaveHappened = Labels(rawValue: 4)
        /// No server could be selected or connected to: nothing was sent, and other calls would fare no better.
        package static let unreached = Labels(rawValue: 8)
    }

    /// One document of an `insert` or `bulk` that was refused.
    package struct WriteFailure: Sendable, Hashable {
        /// The document's index in the call.
        package let index: Int
        package let code: Int32
        package var isDuplicateKey: Bool { ServerCode.duplicateKeys.contains(code) }
    }

    package static let maximumMessageBytes = 300

    package let kind: Kind
    /// The server's code, or libmongoc's; 0 where there is none.
    package let code: Int32
    /// For the log, never for a client: it may quote documents. At most `maximumMessageBytes` long.
    package let message: String
    package let labels: Labels
    /// The refused writes, the first 1,000. Inside a transaction the writes that are not listed were not stored either.
    package let failures: [WriteFailure]

    package init(_ kind: Kind, code: Int32 = 0, _ message: String, labels: Labels = [], failures: [WriteFailure] = []) {
        self.kind = kind
        self.code = code
        self.message = String(decoding: message.utf8.prefix(Self.maximumMessageBytes), as: UTF8.self)
        self.labels = labels
        self.failures = failures
    }

    package init(_ error: BSONError) {
        self.init(.document, error.description)
    }

    package var isTransientTransaction: Bool { labels.contains(.transientTransaction) }
    package var isUnknownCommit: Bool { labels.contains(.unknownCommit) }
    package var mayHaveHappened: Bool { labels.contains(.mayHaveHappened) }
    package var isUnreached: Bool { labels.contains(.unreached) }

    /// Whether the call, unchanged, may succeed later.
    package var isTemporary: Bool {
        switch kind {
        case .unavailable, .timeout, .interrupted, .overloaded, .writeConflict, .cursorLost, .transactionAborted, .commitUnknown: true
        case .duplicateKey, .validation, .document, .misuse, .server: false
        }
    }
}

extension MongoError: CustomStringConvertible {
    package var description: String { "\(kind) (\(code)): \(message)" }
}
