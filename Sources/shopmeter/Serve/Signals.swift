internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT, from the moment this exists. The first asks for a stop; a second ends the process at once.
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

    var isRaised: Bool { state.withLock { $0.isRaised } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isRaised = state.withLock { state in
                if !state.isRaised { state.waiting.append(continuation) }
                return state.isRaised
            }
            if isRaised { continuation.resume() }
        }
    }

    /// Runs `body`, and cancels it when a stop is asked for: its `CancellationError` then ends the command, which gives everything back.
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
