/// Every bound of a database's use. Whatever of the time limits the URI names itself, the URI decides.
package struct DatabaseOptions: Sendable {
    /// Threads for `run`, each with at most one connection.
    package var threads = 6
    /// Connections beyond those, for callers that bring their own thread (`withConnection`).
    package var ownThreads = 4
    /// Calls of `run` that may wait for a thread; one more is refused.
    package var queueBound = 2000
    /// How long a call may have waited for its thread before it is refused instead of begun.
    package var queueWait: Duration = .seconds(2)
    /// How long to look for a writable server. With `socket`, the longest that an operation on a dead or frozen server takes.
    package var selection: Duration = .seconds(2)
    package var connect: Duration = .seconds(2)
    /// How long a server may be silent in the middle of an operation.
    package var socket: Duration = .milliseconds(2_800)
    /// How long to wait for a free connection.
    package var waitForConnection: Duration = .seconds(1)
    package var heartbeat: Duration = .seconds(1)
    /// How long a write may wait for the majority and the journal.
    package var writeConcern: Duration = .milliseconds(2_500)
    /// What the server's log calls this process.
    package var appName = "shopmeter"
    /// Takes what libmongoc has to say, at most ten lines a second. One for the process: the last one given counts.
    package var log: @Sendable (String) -> Void = { _ in }

    package init() {}

    /// For work that is expected to keep the server silent for long: building indexes, sums over everything.
    package static var patient: DatabaseOptions {
        var options = DatabaseOptions()
        options.threads = 1
        options.ownThreads = 1
        options.socket = .seconds(600)
        options.selection = .seconds(10)
        return options
    }
}

extension Duration {
    /// Whole milliseconds, as libmongoc's options want them; at least 1, for 0 means "the default" there.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
