/// The end.
extension Reactor {
    var isDraining: Bool { drainDeadline != nil }

    var isDrained: Bool {
        guard let drainDeadline else { return false }
        return connections.count == 0 || clock.now >= drainDeadline
    }

    /// Takes what the kernel has accepted already, then closes the listener, and every connection on which nothing is asked.
    func startDraining() {
        acceptAll()
        listener = nil
        acceptance = AcceptGate()
        drainDeadline = clock.now + configuration.deadlines.drain.nanoseconds
        for connection in connections.all {
            // A request that came before the drain, and was not read yet, is answered.
            if connection.isIdle, connection.closing == .no { read(connection) }
            touch(connection)
        }
    }
}
