internal import Glibc

/// Whether the reactor takes new connections.
struct AcceptGate {
    /// How long the backlog is left alone when no file is free, in nanoseconds.
    static let pause: UInt64 = 100_000_000

    /// The time until which no connection is accepted, in nanoseconds; set while no file is free.
    var pausedUntil: UInt64?
    /// Whether the listener is in the epoll set without interest in any event.
    var isStopped = false
}

/// Opening and closing connections.
extension Reactor {
    func acceptAll() {
        while connections.count < configuration.maxConnections {
            switch listener?.accept() {
            case .connection(let newcomer): open(newcomer)
            case .exhausted: return pauseAccepting()
            case .nobody: return
            case nil: return
            }
        }
        stopAccepting()
    }

    /// Listens again when the pause is over and there is room for a connection.
    func resumeAccepting() {
        if let until = acceptGate.pausedUntil, clock.now < until { return }
        acceptGate.pausedUntil = nil
        guard acceptGate.isStopped, connections.count < configuration.maxConnections, let file = listener?.file else { return }
        acceptGate.isStopped = false
        epoll.change(file, .input, listenerToken)
    }

    private func pauseAccepting() {
        listener?.shedOne()
        acceptGate.pausedUntil = clock.now + AcceptGate.pause
        stopAccepting()
    }

    private func stopAccepting() {
        guard let file = listener?.file else { return }
        acceptGate.isStopped = true
        epoll.change(file, [], listenerToken)
    }

    private func open(_ newcomer: consuming Listener.Newcomer) {
        newcomer.descriptor.setNoDelay()
        let connection = Connection(newcomer, serial: connections.nextSerial(), limits: configuration.limits)
        do throws(SystemError) {
            try epoll.add(connection.token.file, connection.interest, connection.token)
        } catch {
            // The kernel has no memory for another file in the epoll set: the connection closes as it goes out of scope.
            return
        }
        connections.insert(connection)
        touch(connection)
    }

    func close(_ connection: Connection) {
        if connection.closing == .closed { return }
        connection.closing = .closed
        connection.responses.drop(after: 0)
        bufferedBytes -= connection.accounted
        connection.accounted = 0
        connections.remove(connection)
        // The last reference closes the file, which takes it out of the epoll set.
    }
}

/// Draining.
extension Reactor {
    var isDraining: Bool { drainDeadline != nil }

    var isDrained: Bool {
        guard let drainDeadline else { return false }
        return connections.count == 0 || clock.now >= drainDeadline
    }

    /// Accepts the connections in the backlog, then closes the listener and every idle connection.
    func startDraining() {
        acceptAll()
        listener = nil
        acceptGate = AcceptGate()
        drainDeadline = clock.now + configuration.deadlines.drain.nanoseconds
        for connection in connections.all {
            // A request that arrived before the drain, and is still in the kernel's buffer, is answered.
            if connection.isIdle, connection.closing == .no { read(connection) }
            touch(connection)
        }
    }
}
