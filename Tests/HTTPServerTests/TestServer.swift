import HTTP
import HTTPServer
import Support

typealias AsyncHandler = @Sendable (Request) async -> Response

/// Starts a server, calls `body` with it and its port, and drains it.
func withServer(
    _ configuration: ServerConfiguration = .with { _ in },
    patience: @escaping @Sendable (Request) -> Duration = { _ in .seconds(300) },
    handler: @escaping AsyncHandler = echo,
    _ body: (Server, UInt16) async throws -> Void
) async throws {
    let server = Server(configuration, errorResponse: errorResponse, patience: patience, handler: handler)
    let port = try server.start()
    do {
        try await body(server, port)
    } catch {
        await server.drain()
        throw error
    }
    await server.drain()
}

extension ServerConfiguration {
    static func with(_ change: (inout ServerConfiguration) -> Void) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        // A test may stand still for long on a busy machine, so every deadline but the one that it tests is far away.
        configuration.deadlines.header = .seconds(300)
        configuration.deadlines.body = .seconds(300)
        configuration.deadlines.idle = .seconds(300)
        configuration.deadlines.writeStall = .seconds(300)
        configuration.deadlines.drain = .seconds(2)
        change(&configuration)
        return configuration
    }
}

/// Answers with the path and the body.
let echo: AsyncHandler = { request in
    Response(status: 200, body: Array("/\(request.path.joined(separator: "/"))".utf8) + request.body)
}

let errorResponse: @Sendable (RequestError, Headers) -> Response = { error, headers in
    var response = Response(status: error.status, body: Array(error.detail.utf8))
    if error.kind == .overloaded { response.headers.add("retry-after", "1") }
    if let id = headers["x-request-id"] { response.headers.add("x-request-id", id) }
    return response
}

/// An event that happens once, and that tasks wait for.
actor Event {
    private var hasHappened = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func happen() {
        hasHappened = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func wait() async {
        if hasHappened { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}

extension Server {
    /// Runs the handler in a task on the server's thread.
    convenience init(
        _ configuration: ServerConfiguration, errorResponse: @escaping @Sendable (RequestError, Headers) -> Response,
        patience: @escaping @Sendable (Request) -> Duration = { _ in .seconds(300) }, handler: @escaping AsyncHandler
    ) {
        self.init(configuration, errorResponse: errorResponse) { request, executor, answer in
            Task(executorPreference: executor) { answer(await handler(request)) }
            return patience(request)
        }
    }

    /// Waits for the turn of the reactor after which `condition` holds; false when the test's time limit comes first.
    func eventually(_ condition: (Gauges) -> Bool) async -> Bool {
        await gaugeUpdates().contains(where: condition)
    }
}
