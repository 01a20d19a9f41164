internal import HTTP

/// The two functions behind the server.
struct Application: Sendable {
    let errorResponse: @Sendable (RequestError, Headers) -> Response
    let handler: @Sendable (Request) async -> Response

    /// Runs the handler in a task of its own, which posts the response to `mailbox`: `answered`, or `streaming`, pieces and `ended`.
    /// - Parameter window: bytes of a streamed body that may be on their way to the reactor.
    func answer(_ request: Request, _ context: ResponseContext, _ ticket: ResponseTicket, window: Int, to mailbox: Mailbox) {
        Task {
            let response = await handler(request)
            guard case .stream(let body) = response.body, ResponseEncoder.framing(of: response, answering: context) != .complete else {
                mailbox.post(.answered(ticket, response))
                return
            }
            let writer = StreamWriter(ticket: ticket, mailbox: mailbox, window: window)
            mailbox.post(.streaming(ticket, response, writer))
            mailbox.post(.ended(ticket, isWhole: await Self.run(body, writer)))
        }
    }

    private static func run(_ body: @Sendable (any BodyWriter) async throws -> Void, _ writer: StreamWriter) async -> Bool {
        do {
            try await body(writer)
            return true
        } catch {
            return false
        }
    }
}

/// To the handler and back.
extension Reactor {
    func dispatch(_ request: Request, _ context: ResponseContext, _ connection: Connection) {
        if inFlight >= configuration.maxInFlight { return reject(.overloaded, context, request.headers, connection) }
        inFlight += 1
        var request = request
        request.remote = connection.address?.text
        if !context.keepsAlive { connection.takesRequests = false }
        let response = PendingResponse(context: context, state: .waiting, requestBytes: request.body.count)
        let ticket = ResponseTicket(connection: connection.token, sequence: connection.responses.append(response))
        application.answer(request, context, ticket, window: configuration.outputHighWater, to: mailbox)
    }

    func receive(_ message: ReactorMessage) {
        switch message {
        case .answered(let ticket, let response):
            inFlight -= 1
            change(ticket) { $0.state = .ready(response) }
        case .streaming(let ticket, let response, let writer):
            let isThere = change(ticket) { $0.state = .streaming(PendingResponse.Stream(response: response, writer: writer)) }
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

    /// Tells the writer of a stream that was posted after the last turn that nobody reads it.
    func release(_ message: ReactorMessage) {
        if case .streaming(_, _, let writer) = message { writer.cut() }
    }

    /// - Returns: false when the response's connection is gone.
    @discardableResult
    private func change(_ ticket: ResponseTicket, _ change: (inout PendingResponse) -> Void) -> Bool {
        guard let connection = connections[ticket.connection] else { return false }
        touch(connection)
        return connection.responses.change(ticket.sequence, change)
    }
}
