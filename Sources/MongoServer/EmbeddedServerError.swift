internal import CSystem

/// Why the embedded mongod does not run, as a sentence for the person who started the service.
package struct EmbeddedServerError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// Another process of ours owns the data directory.
        case inUse
        /// There is no database in the data directory, and none is to be made.
        case absent
        /// The data directory cannot be made, opened or written.
        case directory
        /// The executable cannot be started.
        case executable
        /// The executable is no mongod, or one of a version that is too old.
        case notMongod
        /// Another process listens on the port.
        case portTaken
        /// mongod ended while it was starting; the message has the end of its log.
        case died
        /// The start was called off.
        case stopped
        /// mongod runs, but did not become a writable primary in time.
        case timedOut
    }

    package let kind: Kind
    package let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// The text of an `errno` (`strerrordesc_np`).
package func systemMessage(_ number: Int32) -> String {
    // A constant of glibc, never freed.
    unsafe String(cString: shopmeter_error_text(number))
}
