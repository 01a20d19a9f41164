internal import Dispatch
internal import Glibc
internal import MongoServer
internal import Synchronization

/// Catches SIGTERM and SIGINT from its making on. The first signal asks for a stop; a second one ends the process at once, with exit code 1.
final class Signals: Sendable {
    private struct State {
        var isRaised = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let sources: Mutex<[any DispatchSourceSignal]>

    init() {
        let queue = DispatchQueue(label: "shopmeter.signals")
        let made = [SIGTERM, SIGINT].map { number -> any DispatchSourceSignal in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        sources = Mutex(made)
        sources.withLock { sources in
            for source in sources {
                source.setEventHandler { [self] in raise() }
                source.activate()
            }
        }
    }

    /// Whether a stop was asked for.
    var isRaised: Bool { state.withLock { $0.isRaised } }

    /// Calls `body` at the first signal, on the queue of the signals; at once if it came already.
    func whenRaised(_ body: @escaping @Sendable () -> Void) {
        let isRaised = state.withLock { state in
            if !state.isRaised { state.waiting.append(body) }
            return state.isRaised
        }
        if isRaised { body() }
    }

    /// Returns at the first signal, at once if it came already.
    func wait() async {
        await withCheckedContinuation { continuation in whenRaised { continuation.resume() } }
    }

    /// Runs `body`, and cancels its task at the first signal; `body` then throws `CancellationError`, which releases what the command holds and ends
    /// it with exit code 130.
    func interrupting(_ body: @escaping @Sendable () async throws -> Int32) async throws -> Int32 {
        let work = Task { try await body() }
        let watch = Task {
            await wait()
            work.cancel()
        }
        defer { watch.cancel() }
        return try await work.value
    }

    private func raise() {
        let waiting = state.withLock { state in
            if state.isRaised { _exit(1) }
            state.isRaised = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for body in waiting { body() }
    }
}

/// Keeps the promise that a signal ends the service within 10 seconds, and those of a drain that was asked for, with exit code 0, whatever hangs: a frozen mongod, a long build of an index, a
/// slow client. Every acknowledged write is on disk, and the next start recovers the embedded mongod.
final class StopDeadline: Sendable {
    /// From the signal until the embedded mongod is stopped, whatever still uses it.
    private static let orderly = DispatchTimeInterval.milliseconds(6_000)
    /// How long mongod has then, before it is killed.
    private static let mongod = Duration.milliseconds(1_000)
    /// What then still works is a program without a database.
    private static let rest = DispatchTimeInterval.milliseconds(500)

    private let log: Log
    private let queue = DispatchQueue(label: "shopmeter.stop")
    private let embedded = Mutex<EmbeddedServer?>(nil)

    init(log: Log) { self.log = log }

    /// The mongod that this process runs. It is stopped with the process.
    func note(_ server: EmbeddedServer) { embedded.withLock { $0 = server } }

    /// Begins to count, `drain` seconds from now. To be called at the signal.
    func begin(after drain: Int) {
        queue.asyncAfter(deadline: .now() + .seconds(drain) + Self.orderly) { [self] in
            log.warning("the stop takes long; what is under way is given up")
            embedded.withLock { $0 }?.stop(within: Self.mongod)
            queue.asyncAfter(deadline: .now() + Self.rest) { [log] in
                log.warning("stopped before everything was finished")
                log.flush()
                _exit(0)
            }
        }
    }
}
