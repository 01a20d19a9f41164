internal import Synchronization

/// The server's counts at the end of the reactor's last turn.
package struct Gauges: Sendable, Equatable {
    /// Open connections.
    package var connections = 0
    /// Requests that the handler has not answered.
    package var inFlight = 0
    /// Bytes of requests and responses kept for all connections.
    package var bufferedBytes = 0
}

/// Carries the gauges from the reactor to other threads.
package final class GaugeBoard: Sendable {
    private struct State {
        var gauges = Gauges()
        var observers: [Int: AsyncStream<Gauges>.Continuation] = [:]
        var lastObserver = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var gauges: Gauges { state.withLock { $0.gauges } }

    func set(_ gauges: Gauges) {
        state.withLock { state in
            if state.gauges == gauges { return }
            state.gauges = gauges
            for observer in state.observers.values { observer.yield(gauges) }
        }
    }

    /// The gauges now, and after each turn that changes them; a slow observer sees the newest only. The sequence ends with its task.
    func updates() -> AsyncStream<Gauges> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { observer in
            let number = state.withLock { state in
                observer.yield(state.gauges)
                state.lastObserver += 1
                state.observers[state.lastObserver] = observer
                return state.lastObserver
            }
            observer.onTermination = { [self] _ in
                _ = state.withLock { $0.observers.removeValue(forKey: number) }
            }
        }
    }
}
