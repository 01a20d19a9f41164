internal import HTTP

/// What stands behind the server.
struct Application: Sendable {
    let refuse: @Sendable (RequestError, Headers) -> Response
    let handler: @Sendable (Request) async -> Response

    /// Runs the handler in a task of its own; every message about the answer goes to `mailbox`, one of them ends it.
    func answer(_ request: Request, _ exchange: ResponseContext, _ ticket: ResponseTicket, window: Int, to mailbox: Mailbox) {
        Task {
            let response = await handler(request)
            guard case .stream(let body) = response.body, ResponseEncoder.framing(of: response, answering: exchange) != .complete else {
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
