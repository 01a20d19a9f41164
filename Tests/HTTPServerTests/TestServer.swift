import HTTP
import HTTPServer
import Support

typealias Handler = @Sendable (Request) async -> Response

/// Starts a server, lends it, and drains it.
func withServer(
    _ configuration: ServerConfiguration = .with { _ in },
    handler: @escaping Handler = echo,
    _ body: (Server, UInt16) async throws -> Void
) async throws {
    let server = Server(configuration, refuse: refuse, handler: handler)
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
        // On a busy machine a test may stand still for long: only the deadline that it is about may end it.
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
let echo: Handler = { request in
    Response(status: 200, body: Array("/\(request.path.joined(separator: "/"))".utf8) + request.body)
}

let refuse: @Sendable (RequestError, Headers) -> Response = { refusal, headers in
    var response = Response(status: refusal.status, body: Array(refusal.detail.utf8))
    if refusal.kind == .overloaded { response.headers.add("retry-after", "1") }
    if let id = headers["x-request-id"] { response.headers.add("x-request-id", id) }
    return response
}

/// Something that happens once, and that others wait for.
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

/// Whether `condition` holds within `timeout`. It is polled, as no event announces a change of the server's gauges.
func eventually(within timeout: Duration = .seconds(60), _ condition: () -> Bool) async -> Bool {
    (try? await poll(every: .milliseconds(2), within: timeout) { condition() ? true : nil }) ?? false
}
