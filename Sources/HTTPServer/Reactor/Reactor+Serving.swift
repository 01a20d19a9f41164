internal import HTTP

/// A touched connection is served once a turn, so that responses that are ready together are sent together.
extension Reactor {
    /// Marks the connection to be served in this turn.
    func touch(_ connection: Connection) {
        if connection.isTouched || connection.closing == .closed { return }
        connection.isTouched = true
        touched.append(connection)
    }

    func serveTouched() {
        while !touched.isEmpty {
            let batch = touched
            touched = []
            for connection in batch {
                connection.isTouched = false
                serve(connection)
            }
        }
    }

    /// Parses the connection's input and writes its output, as far as both go without waiting.
    private func serve(_ connection: Connection) {
        repeat {
            parse(connection)
            pump(connection)
        } while connection.isHeldBack && !isBlocked(connection) && connection.closing == .no
        if connection.closing == .closed { return }
        account(connection)
        endIfDone(connection)
        if connection.closing == .closed { return }
        updateInterest(connection)
        updateDeadline(connection)
    }

    /// Adds the connection's bytes to the reactor's sum; over the maximum, a body that is still arriving is rejected.
    private func account(_ connection: Connection) {
        let bytes = connection.bufferedBytes
        bufferedBytes += bytes - connection.accounted
        connection.accounted = bytes
        guard bufferedBytes > configuration.maxBufferedBytes, connection.takesRequests, connection.held == nil,
            connection.parser.phase == .body
        else { return }
        abandonInput(connection, .overloadedWhileReading)
        touch(connection)
    }

    /// Closes the connection, or begins to, when no response is left to make or to send.
    private func endIfDone(_ connection: Connection) {
        guard connection.responses.isEmpty, connection.output.isEmpty else { return }
        switch connection.closing {
        case .closed: return
        case .lingering: if connection.inputEnded { close(connection) }
        case .afterOutput: linger(connection)
        case .no: if connection.inputEnded || isDraining && connection.isIdle { close(connection) }
        }
    }

    private func updateInterest(_ connection: Connection) {
        var interest: Epoll.Interest = []
        if !connection.inputEnded && !connection.isHeldBack && connection.closing != .afterOutput { interest.insert(.input) }
        if !connection.output.isEmpty { interest.insert(.output) }
        if interest == connection.interest { return }
        connection.interest = interest
        epoll.change(connection.token.file, interest, connection.token)
    }
}
