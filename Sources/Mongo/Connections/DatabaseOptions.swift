/// Every limit of a database's use. A time limit that the URI names itself overrides the one here.
package struct DatabaseOptions: Sendable {
    /// Threads for `run`, each with at most one connection.
    package var threads = 8
    /// Threads for the urgent calls of `run`, likewise.
    package var urgentThreads = 2
    /// Further connections, for callers on their own threads (`withConnection`).
    package var ownThreads = 4
    /// How many calls of `run` may wait for a thread; a further one is refused.
    package var queueBound = 2000
    /// How long a call of `run` may wait for its thread; after that it is refused.
    package var queueWait: Duration = .seconds(2)
    /// How long to look for a writable server. With `socket`, the longest that an operation on a dead or frozen server takes.
    package var selection: Duration = .milliseconds(1_500)
    package var connect: Duration = .milliseconds(1_500)
    /// How long a server may be silent in the middle of an operation.
    package var socket: Duration = .milliseconds(2_500)
    /// How long the server may work on one read: less than it may be silent, so that a slow read is not taken for a lost server.
    package var read: Duration { socket * 0.9 }
    /// How long to wait for a free connection.
    package var waitForConnection: Duration = .seconds(1)
    package var heartbeat: Duration = .seconds(1)
    /// How long a write may wait for the majority and the journal.
    package var writeConcern: Duration = .milliseconds(2_300)
    /// The name of these connections in the server's log and lists, at most 128 bytes; nil for `shopmeter` and the database's name.
    package var appName: String?
    /// Takes libmongoc's warnings and errors, at most ten lines a second. The process has one such function: the last that was given.
    package var log: @Sendable (String) -> Void = { _ in }
    /// Told of each command before it is sent, on the thread that sends it. It sees what the documents hold: for tests.
    package var onCommand: (@Sendable (StartedCommand) -> Void)?

    package init() {}

    /// For a caller who asks one thing at a time.
    package static var small: DatabaseOptions {
        var options = DatabaseOptions()
        options.threads = 1
        options.urgentThreads = 1
        options.ownThreads = 1
        return options
    }

    /// For operations during which the server is silent for minutes: building indexes, sums over whole collections.
    package static var patient: DatabaseOptions {
        var options = small
        options.socket = .seconds(600)
        options.selection = .seconds(10)
        return options
    }
}

/// The time limits of a connection's operations.
struct OperationLimits: Sendable {
    let write: Duration
    let read: Duration
}

extension Duration {
    /// Whole milliseconds for libmongoc's options; at least 1, as 0 means "the default" there.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
