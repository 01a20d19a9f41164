/// Whether the reactor takes new connections.
struct AcceptGate {
    /// How long the backlog is left alone, in nanoseconds.
    static let pause: UInt64 = 100_000_000
    /// Connections accepted in one turn, so that the open ones are served in between.
    static let batch = 16

    /// The time until which no connection is accepted, in nanoseconds; nil while the listener is in the epoll set.
    var pausedUntil: UInt64?
    /// Whether the pause ends early when a place is free.
    var waitsForPlace = false
}

/// Opening and closing connections.
extension Reactor {
    private var isFull: Bool { connections.count >= configuration.maxConnections }

    /// The time since which a known caller must have been idle to go.
    private var settled: UInt64 { clock.now - min(clock.now, configuration.deadlines.keep.nanoseconds) }

    /// Accepts connections from the backlog. When every place is taken, a newcomer takes that of a connection that may go.
    func acceptSome() {
        for _ in 0..<AcceptGate.batch {
            if isFull, connections.replaceable(idleSince: settled) == nil { return pauseAccepting(forPlace: true) }
            guard acceptOne() else { return }
        }
    }

    /// - Returns: whether there was a connection in the backlog.
    private func acceptOne() -> Bool {
        switch listener?.accept() {
        case .connection(let newcomer):
            admit(newcomer)
            return true
        case .failed:
            listener?.shedOne()
            pauseAccepting(forPlace: false)
            return false
        case .nobody: return false
        case nil: return false
        }
    }

    /// Listens again when the pause is over, or there is a place again.
    func resumeAccepting() {
        guard let until = acceptGate.pausedUntil, clock.now >= until || acceptGate.waitsForPlace && !isFull else { return }
        acceptGate = AcceptGate()
        guard let file = listener?.file else { return }
        do throws(SystemError) { try epoll.add(file, .input, listenerToken) } catch { pauseAccepting(forPlace: false) }
    }

    /// Takes the listener out of the epoll set, which would report it again and again.
    private func pauseAccepting(forPlace: Bool) {
        guard let file = listener?.file else { return }
        epoll.remove(file)
        acceptGate = AcceptGate(pausedUntil: clock.now + AcceptGate.pause, waitsForPlace: forPlace)
    }

    /// Opens the connection, in the place of another one if its client has as many as one may have, or if all places are taken. Without a
    /// place, the newcomer closes as it goes out of scope.
    private func admit(_ newcomer: consuming Listener.Newcomer) {
        let client = newcomer.client
        if connections.count(of: client) >= configuration.connectionsOfOneClient {
            guard let replaced = connections.replaceable(idleSince: settled, of: client) else { return }
            close(replaced)
        } else if isFull {
            guard let replaced = connections.replaceable(idleSince: settled) else { return }
            close(replaced)
        }
        open(newcomer)
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
        connection.takesRequests = false
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

    /// Accepts the connections in the backlog for which there are places, then closes the listener and every idle connection.
    func startDraining() {
        while !isFull, acceptOne() {}
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
