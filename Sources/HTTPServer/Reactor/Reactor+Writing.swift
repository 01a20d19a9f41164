internal import Glibc
internal import HTTP

/// From responses to bytes, in the order of the requests.
extension Reactor {
    /// Encodes responses and sends them, as long as both go on without waiting.
    func pump(_ connection: Connection) {
        while connection.closing != .closed {
            fill(connection)
            if connection.output.isEmpty || !flush(connection) { return }
        }
    }

    private func fill(_ connection: Connection) {
        while connection.closing == .no, connection.output.count < configuration.outputHighWater,
            let response = connection.responses.first
        {
            switch response.state {
            case .waiting: return
            case .interim: append(to: connection) { $0.append(contentsOf: ResponseEncoder.interim) }
            case .ready(let answer): finish(response, with: answer, connection)
            case .streaming: guard continueStream(connection) else { return }
            }
            connection.responses.removeFirst()
        }
    }

    private func finish(_ pending: PendingResponse, with response: Response, _ connection: Connection) {
        let context = closingIfLast(pending.context, connection)
        let framing = appendHead(of: response, context, connection)
        // A stream from `errorResponse` has no task that writes it: it ends here, and looks incomplete.
        if !context.keepsAlive || framing != .complete { connection.closing = .afterOutput }
    }

    /// Appends the whole response to the output, or of a stream only the head.
    func appendHead(of response: Response, _ context: ResponseContext, _ connection: Connection) -> ResponseEncoder.Framing {
        var framing = ResponseEncoder.Framing.complete
        append(to: connection) { out in
            framing = ResponseEncoder.append(response, to: &out, answering: context, date: clock.date)
        }
        return framing
    }

    /// Makes the last response of a draining connection say that the connection closes.
    private func closingIfLast(_ context: ResponseContext, _ connection: Connection) -> ResponseContext {
        var context = context
        if isDraining, connection.responses.count == 1, connection.held == nil, connection.parser.phase == .idle {
            context.keepsAlive = false
            connection.takesRequests = false
        }
        return context
    }

    func append(to connection: Connection, _ write: (inout [UInt8]) -> Void) {
        if connection.output.bytes.capacity == 0, let storage = spareStorage.popLast() { connection.output.bytes = storage }
        write(&connection.output.bytes)
    }

    /// - Returns: whether everything was sent.
    private func flush(_ connection: Connection) -> Bool {
        while !connection.output.isEmpty {
            switch connection.output.send(to: connection.token.file) {
            case .bytes(let count): connection.sent += count
            case .wouldBlock:
                connection.output.compact()
                if connection.writeDeadline == DeadlineWheel.never { measureRate(of: connection) }
                return false
            case .failed:
                close(connection)
                return false
            }
        }
        connection.writeDeadline = DeadlineWheel.never
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

    /// Shuts the sending side and waits for the client to close its side. Closing with unread input would reset the connection, and the
    /// client could lose the last response (RFC 9112, 9.6).
    func linger(_ connection: Connection) {
        if connection.inputEnded { return close(connection) }
        connection.closing = .lingering
        _ = shutdown(connection.token.file, Int32(SHUT_WR))
    }
}

/// The bytes of one connection that are not yet sent.
struct OutputBuffer {
    var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    /// One `send(2)` of all unsent bytes.
    mutating func send(to file: Int32) -> Transfer {
        let result = Transfer {
            unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        if case .bytes(let sent) = result { start += sent }
        return result
    }

    /// Frees the sent bytes when they are the larger part, so that the storage stays bounded and each byte is moved O(1) times.
    mutating func compact() {
        guard start > count else { return }
        bytes.removeSubrange(..<start)
        start = 0
    }
}
