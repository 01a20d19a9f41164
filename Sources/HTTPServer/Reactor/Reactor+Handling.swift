internal import HTTP

/// The functions behind the server.
struct Application: Sendable {
    let errorResponse: @Sendable (RequestError, Headers) -> Response
    let handler: Server.Handler

    /// Has the request handled. Its response is posted to `mailbox`: `answered`, or `streaming`, pieces and `ended`.
    /// - Parameter window: bytes of a streamed body that may be on their way to the reactor.
    /// - Returns: how long the handler may take.
    func answer(
        _ request: Request, _ context: ResponseContext, _ ticket: ResponseTicket, window: Int, on executor: ReactorExecutor,
        to mailbox: Mailbox
    ) -> Duration {
        handler(request, executor) { response in
            guard case .stream(let body) = response.body, ResponseEncoder.framing(of: response, answering: context) != .complete else {
                mailbox.post(.answered(ticket, response))
                return
            }
            let writer = StreamWriter(ticket: ticket, mailbox: mailbox, window: window)
            mailbox.post(.streaming(ticket, response, writer))
            // Detached, since what counts for the answer, as its deadline, does not for the stream.
            Task.detached { mailbox.post(.ended(ticket, isWhole: await Self.run(body, writer))) }
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
    func dispatch(_ held: HeldRequest, _ connection: Connection) {
        let context = held.context
        if inFlight >= configuration.maxInFlight { return reject(.overloaded, context, held.request.headers, connection) }
        inFlight += 1
        var request = held.request
        request.remote = connection.client?.text
        if !context.keepsAlive { connection.takesRequests = false }
        let sequence = connection.responses.append(PendingResponse(to: request, context))
        let ticket = ResponseTicket(connection: connection.token, sequence: sequence)
        let patience = application.answer(
            request, context, ticket, window: configuration.outputHighWater, on: executor, to: mailbox)
        let deadline = clock.now + (patience + configuration.deadlines.grace).nanoseconds
        connection.responses.change(sequence) { $0.deadline = deadline }
    }

    func receive(_ message: ReactorMessage) {
        switch message {
        case .job(let job): executor.run(job)
        case .answered(let ticket, let response):
            inFlight -= 1
            if answer(ticket, .ready(response)) { renew(ticket, response) }
        case .streaming(let ticket, let response, let writer):
            let stream = PendingResponse.Stream(response: response, writer: writer)
            if answer(ticket, .streaming(stream)) { renew(ticket, response) } else { writer.cut() }
        case .piece(let ticket, let bytes):
            change(ticket) { $0.changeStream { $0.pieces.append(bytes) } }
        case .ended(let ticket, let isWhole):
            inFlight -= 1
            change(ticket) { $0.changeStream { $0.isWhole = isWhole } }
        case .drain:
            startDraining()
        }
    }

    /// Deals with a message that was posted after the last turn: a task goes on, and the writer of a stream is told that nobody reads it.
    func release(_ message: ReactorMessage) {
        switch message {
        case .job(let job): executor.run(job)
        case .streaming(_, _, let writer): writer.cut()
        case .answered, .piece, .ended, .drain: break
        }
    }

    /// - Returns: false when the response's connection is gone, or the server has answered itself.
    private func answer(_ ticket: ResponseTicket, _ state: PendingResponse.State) -> Bool {
        var isTaken = false
        change(ticket) { isTaken = $0.answer(state) }
        return isTaken
    }

    private func renew(_ ticket: ResponseTicket, _ response: Response) {
        guard let connection = connections[ticket.connection] else { return }
        connection.lastUsed = clock.now
        connections.renew(connection, isKnown: response.isForKnownCaller)
    }

    private func change(_ ticket: ResponseTicket, _ change: (inout PendingResponse) -> Void) {
        guard let connection = connections[ticket.connection] else { return }
        touch(connection)
        connection.responses.change(ticket.sequence, change)
    }
}
