internal import HTTP

/// One connection's turn.
extension Reactor {
    func serve(_ connection: Connection) {
        repeat {
            parse(connection)
            pump(connection)
        } while connection.isHeldBack && !isFull(connection) && connection.closing == .no
        if connection.closing == .closed { return }
        account(connection)
        endIfDone(connection)
        if connection.closing == .closed { return }
        updateInterest(connection)
        updateDeadline(connection)
    }

    private func account(_ connection: Connection) {
        let bytes = connection.bufferedBytes
        bufferedBytes += bytes - connection.accounted
        connection.accounted = bytes
        guard bufferedBytes > configuration.maxBufferedBytes, connection.takesRequests, connection.parser.phase == .body else { return }
        abandonInput(connection, .overloadedWhileReading)
        touch(connection)
    }

    /// Closes, or starts to, when nothing is left to answer and to send.
    private func endIfDone(_ connection: Connection) {
        guard connection.slots.isEmpty, connection.output.isEmpty else { return }
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

/// What handlers send.
extension Reactor {
    func receive(_ message: ReactorMessage) {
        switch message {
        case .answered(let ticket, let response):
            inFlight -= 1
            change(ticket) { $0.answer = .ready(response) }
        case .streaming(let ticket, let response, let writer):
            let isThere = change(ticket) { $0.answer = .streaming(PendingResponse.Stream(response: response, writer: writer)) }
            if !isThere { writer.cut() }
        case .piece(let ticket, let bytes):
            change(ticket) { $0.changeStream { $0.pieces.append(bytes) } }
        case .ended(let ticket, let isWhole):
            inFlight -= 1
            change(ticket) { $0.changeStream { $0.isWhole = isWhole } }
        case .drain:
            startDraining()
        }
    }

    /// For a message that came when the reactor had ended.
    func release(_ message: ReactorMessage) {
        if case .streaming(_, _, let writer) = message { writer.cut() }
    }

    @discardableResult
    private func change(_ ticket: ResponseTicket, _ change: (inout PendingResponse) -> Void) -> Bool {
        guard let connection = connections[ticket.connection] else { return false }
        touch(connection)
        return connection.slots.change(ticket.sequence, change)
    }
}
