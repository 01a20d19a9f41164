internal import Glibc
internal import HTTP

/// From bytes to requests.
extension Reactor {
    /// One `recv(2)`. Level-triggered epoll reports the connection again when there is more.
    func read(_ connection: Connection) {
        let result = Transfer { unsafe recv(connection.token.file, &input, input.count, 0) }
        switch result {
        case .bytes(0): connection.inputEnded = true
        case .bytes(let count) where connection.closing == .lingering: discard(count, connection)
        case .bytes(let count): if connection.takesRequests { connection.parser.append(input[..<count]) }
        case .wouldBlock: break
        case .failed: close(connection)
        }
    }

    /// Parses until more input is needed, the connection's last request is taken, or the connection is blocked.
    func parse(_ connection: Connection) {
        connection.isHeldBack = false
        while connection.takesRequests {
            if isBlocked(connection) {
                connection.isHeldBack = true
                return
            }
            if let held = connection.held {
                connection.held = nil
                dispatch(held, connection)
                continue
            }
            switch connection.parser.next() {
            case .needMore: return
            case .sendContinue: connection.responses.append(PendingResponse(context: ResponseContext(), state: .interim))
            case .request(let request, let context): connection.held = HeldRequest(request: request, context: context)
            case .error(let error, let context, let headers): reject(error, context, headers, connection)
            }
        }
    }

    /// Whether the connection has as many pending responses, or as many unsent bytes, as it may have, or its next request must wait.
    func isBlocked(_ connection: Connection) -> Bool {
        connection.responses.count >= configuration.maxPipelined || connection.output.count >= configuration.outputHighWater
            || connection.held.map { !connection.responses.admits($0.request.method) } ?? false
    }

    /// Answers an input that the handler does not get.
    func reject(_ error: RequestError, _ context: ResponseContext, _ headers: Headers, _ connection: Connection) {
        var context = context
        if error.closes { context.keepsAlive = false }
        if !context.keepsAlive { connection.takesRequests = false }
        connection.responses.append(PendingResponse(context: context, state: .ready(application.errorResponse(error, headers))))
    }

    /// Drops a request that has not arrived whole, and answers it with the error.
    func abandonInput(_ connection: Connection, _ error: RequestError) {
        connection.parser = RequestParser(limits: configuration.limits)
        reject(error, ResponseContext(), Headers(), connection)
        connection.takesRequests = false
    }

    /// Drops bytes that the client sends after the last response, up to a maximum: a reset could overtake that response.
    private func discard(_ count: Int, _ connection: Connection) {
        connection.discarded += count
        if connection.discarded > configuration.limits.body { close(connection) }
    }
}
