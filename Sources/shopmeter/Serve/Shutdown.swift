internal import Dispatch
internal import Glibc
internal import Synchronization

/// Catches SIGTERM and SIGINT from its making on. The first signal asks for a stop; a second one ends the process at once, with exit code 1.
final class Signals: Sendable {
    private struct State {
        var isRaised = false
        var waiting: [CheckedContinuation<Void, Never>] = []
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

    /// Returns at the first signal, at once if it came already.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isRaised = state.withLock { state in
                if !state.isRaised { state.waiting.append(continuation) }
                return state.isRaised
            }
            if isRaised { continuation.resume() }
        }
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
        for continuation in waiting { continuation.resume() }
    }
}

/// Ends the process with exit code 1 when a stop takes longer than a limit. Every acknowledged write is on disk, and the next start recovers the
/// embedded mongod.
struct Watchdog: ~Copyable {
    private let timer: Mutex<any DispatchSourceTimer>

    init(after limit: DispatchTimeInterval, log: Log) {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "shopmeter.watchdog"))
        timer.schedule(deadline: .now() + limit)
        timer.setEventHandler {
            log.error("stopped before everything was finished")
            log.flush()
            _exit(1)
        }
        timer.activate()
        self.timer = Mutex(timer)
    }

    /// The stop was in time.
    func cancel() { timer.withLock { $0.cancel() } }
}
