internal import Glibc

/// Whether new connections are taken.
struct AcceptGate {
    /// How long to leave the backlog alone when there are no files, in nanoseconds.
    static let pause: UInt64 = 100_000_000

    /// Set while files are short.
    var pausedUntil: UInt64?
    /// The listener is in the epoll set with interest in nothing.
    var isStopped = false
}

extension Reactor {
    func acceptAll() {
        while connections.count < configuration.maxConnections {
            switch listener?.accept() {
            case .connection(let descriptor): open(descriptor)
            case .exhausted: return pauseAccepting()
            case .nobody: return
            case nil: return
            }
        }
        stopAccepting()
    }

    /// Takes the listener back when there is room again.
    func resumeAccepting() {
        if let until = acceptance.pausedUntil, clock.now < until { return }
        acceptance.pausedUntil = nil
        guard acceptance.isStopped, connections.count < configuration.maxConnections, let file = listener?.file else { return }
        acceptance.isStopped = false
        epoll.change(file, .input, listenerToken)
    }

    private func pauseAccepting() {
        listener?.shedOne()
        acceptance.pausedUntil = clock.now + AcceptGate.pause
        stopAccepting()
    }

    private func stopAccepting() {
        guard let file = listener?.file else { return }
        acceptance.isStopped = true
        epoll.change(file, [], listenerToken)
    }

    private func open(_ descriptor: consuming Descriptor) {
        descriptor.setNoDelay()
        let connection = Connection(descriptor, serial: connections.nextSerial(), limits: configuration.limits)
        do throws(SystemError) {
            try epoll.add(connection.token.file, connection.interest, connection.token)
        } catch {
            // No memory for one more in the set: the connection closes as it goes out of scope.
            return
        }
        connections.insert(connection)
        touch(connection)
    }

    func close(_ connection: Connection) {
        if connection.closing == .closed { return }
        connection.closing = .closed
        connection.slots.drop(after: 0)
        bufferedBytes -= connection.accounted
        connection.accounted = 0
        connections.remove(connection)
        // The last reference closes the file, which takes it out of the epoll set.
    }
}
