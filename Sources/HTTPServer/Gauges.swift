internal import Synchronization

/// What the reactor lets others see, as of its last turn.
package final class Gauges: Sendable {
    private let openConnections = Atomic(0)
    private let requests = Atomic(0)
    private let bytes = Atomic(0)

    /// Open connections.
    package var connections: Int { openConnections.load(ordering: .relaxed) }
    /// Requests with the handler.
    package var inFlight: Int { requests.load(ordering: .relaxed) }
    /// Bytes of requests and answers kept for connections.
    package var bufferedBytes: Int { bytes.load(ordering: .relaxed) }

    func set(connections: Int, inFlight: Int, bufferedBytes: Int) {
        openConnections.store(connections, ordering: .relaxed)
        requests.store(inFlight, ordering: .relaxed)
        bytes.store(bufferedBytes, ordering: .relaxed)
    }
}
