internal import Glibc
internal import HTTP

/// From bytes to requests.
extension Reactor {
    /// One `recv(2)`; level-triggered epoll asks again when there is more.
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

    /// Parses until input lacks, the last request was taken, or a bound holds the connection back.
    func parse(_ connection: Connection) {
        connection.isHeldBack = false
        while connection.takesRequests {
            if isFull(connection) {
                connection.isHeldBack = true
                return
            }
            switch connection.parser.next() {
            case .needMore: return
            case .sendContinue: connection.slots.append(PendingResponse(exchange: ResponseContext(), answer: .interim))
            case .request(let request, let exchange): dispatch(request, exchange, connection)
            case .refuse(let refusal, let exchange, let headers): refuse(refusal, exchange, headers, connection)
            }
        }
    }

    func isFull(_ connection: Connection) -> Bool {
        connection.slots.count >= configuration.maxPipelined || connection.output.count >= configuration.outputHighWater
    }

    private func dispatch(_ request: Request, _ exchange: ResponseContext, _ connection: Connection) {
        if inFlight >= configuration.maxInFlight { return refuse(.overloaded, exchange, request.headers, connection) }
        inFlight += 1
        if !exchange.keepsAlive { connection.takesRequests = false }
        let sequence = connection.slots.append(PendingResponse(exchange: exchange, answer: .waiting, requestBytes: request.body.count))
        let ticket = ResponseTicket(connection: connection.token, sequence: sequence)
        application.answer(request, exchange, ticket, window: configuration.outputHighWater, to: mailbox)
    }

    private func refuse(_ refusal: RequestError, _ exchange: ResponseContext, _ headers: Headers, _ connection: Connection) {
        var exchange = exchange
        if refusal.closes { exchange.keepsAlive = false }
        if !exchange.keepsAlive { connection.takesRequests = false }
        connection.slots.append(PendingResponse(exchange: exchange, answer: .ready(application.refuse(refusal, headers))))
    }

    /// Ends a request that did not come whole, with the reason as its answer.
    func abandonInput(_ connection: Connection, _ refusal: RequestError) {
        connection.parser = RequestParser(limits: configuration.limits)
        refuse(refusal, ResponseContext(), Headers(), connection)
        connection.takesRequests = false
    }

    /// What a refused client still sends is dropped, up to a bound, so that the answer reaches it before a reset would.
    private func discard(_ count: Int, _ connection: Connection) {
        connection.discarded += count
        if connection.discarded > configuration.limits.body { close(connection) }
    }
}
