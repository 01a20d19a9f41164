internal import Glibc
internal import HTTP

/// From answers to bytes, in the order of the requests.
extension Reactor {
    /// Moves answers to the output and sends it, as long as both go on.
    func pump(_ connection: Connection) {
        while connection.closing != .closed {
            fill(connection)
            if connection.output.isEmpty || !flush(connection) { return }
        }
    }

    private func fill(_ connection: Connection) {
        while connection.closing == .no, connection.output.count < configuration.outputHighWater, let slot = connection.slots.first {
            switch slot.answer {
            case .waiting: return
            case .interim: append(to: connection) { $0.append(contentsOf: ResponseEncoder.interim) }
            case .ready(let response): finish(slot, with: response, connection)
            case .streaming: guard continueStream(connection) else { return }
            }
            connection.slots.removeFirst()
        }
    }

    private func finish(_ slot: PendingResponse, with response: Response, _ connection: Connection) {
        let exchange = closingIfLast(slot.exchange, connection)
        let framing = appendHead(of: response, exchange, connection)
        // A stream from `refuse` has no task that would write it: it ends here, and looks broken off.
        if !exchange.keepsAlive || framing != .complete { connection.closing = .afterOutput }
    }

    /// Writes all of a response but a stream's pieces.
    func appendHead(of response: Response, _ exchange: ResponseContext, _ connection: Connection) -> ResponseEncoder.Framing {
        var framing = ResponseEncoder.Framing.complete
        append(to: connection) { out in
            framing = ResponseEncoder.append(response, to: &out, answering: exchange, date: clock.date)
        }
        return framing
    }

    /// The last answer of a connection that is being drained says so.
    private func closingIfLast(_ exchange: ResponseContext, _ connection: Connection) -> ResponseContext {
        var exchange = exchange
        if isDraining, connection.slots.count == 1, connection.parser.phase == .idle {
            exchange.keepsAlive = false
            connection.takesRequests = false
        }
        return exchange
    }

    func append(to connection: Connection, _ write: (inout [UInt8]) -> Void) {
        if connection.output.bytes.capacity == 0, let storage = spareStorage.popLast() { connection.output.bytes = storage }
        write(&connection.output.bytes)
    }

    /// - Returns: whether everything went out.
    private func flush(_ connection: Connection) -> Bool {
        while !connection.output.isEmpty {
            switch connection.output.send(to: connection.token.file) {
            case .bytes: connection.writeDeadline = DeadlineWheel.never
            case .wouldBlock:
                connection.output.compact()
                if connection.writeDeadline == DeadlineWheel.never {
                    connection.writeDeadline = clock.now + configuration.deadlines.writeStall.nanoseconds
                }
                return false
            case .failed:
                close(connection)
                return false
            }
        }
        reuseStorage(of: connection)
        return true
    }

    private func reuseStorage(of connection: Connection) {
        var storage = connection.output.bytes
        connection.output = OutputBuffer()
        guard spareStorage.count < 32, storage.capacity <= 4 * configuration.outputHighWater else { return }
        storage.removeAll(keepingCapacity: true)
        spareStorage.append(storage)
    }

    /// Shuts the sending side and waits for the client to close its own: closing with unread input would reset the connection, and the
    /// answer could be lost (RFC 9112, 9.6).
    func linger(_ connection: Connection) {
        if connection.inputEnded { return close(connection) }
        connection.closing = .lingering
        _ = shutdown(connection.token.file, Int32(SHUT_WR))
    }
}
