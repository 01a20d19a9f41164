import HTTP
import HTTPServer
import Support
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DrainTests {
    @Test func `A drain finishes what is in flight, closes what is idle, and refuses what is new`() async throws {
        let go = Event()
        let handler: AsyncHandler = { request in
            if request.path == ["slow"] { await go.wait() }
            return await echo(request)
        }
        try await withServer(.with { $0.deadlines.drain = .seconds(300) }, handler: handler) { server, port in
            let idle = try RawClient(port: port)
            #expect(try await idle.request("GET", "/a").text == "/a")
            let busy = try RawClient(port: port)
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            let half = try RawClient(port: port)
            try await half.send("POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
            #expect(await server.eventually { $0.inFlight == 1 && $0.bufferedBytes == 1 })
            async let drained: Void = server.drain()
            #expect(try await idle.rest().isEmpty)
            #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
            await go.happen()
            let last = try await busy.response()
            #expect(last.text == "/slow" && last["connection"] == "close")
            try await half.send("b")
            #expect(try await half.response().text == "/halfab")
            #expect(try await busy.rest().isEmpty)
            #expect(try await half.rest().isEmpty)
            busy.finishSending()
            half.finishSending()
            await drained
            #expect(server.gauges.connections == 0)
        }
    }

    @Test func `A drain ends at its deadline, whatever the handlers do`() async throws {
        let never = Event()
        let handler: AsyncHandler = { request in
            await never.wait()
            return await echo(request)
        }
        try await withServer(.with { $0.deadlines.drain = .milliseconds(100) }, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 1 })
            await server.drain()
            await #expect(throws: RawClient.Failure.closed) { try await client.response() }
            await never.happen()
        }
    }

    @Test func `Draining twice, or a server that never started, ends too`() async throws {
        try await withServer { server, _ in
            async let first: Void = server.drain()
            async let second: Void = server.drain()
            _ = await (first, second)
            await server.drain()
        }
        await Server(ServerConfiguration(), errorResponse: errorResponse, handler: echo).drain()
    }

    @Test func `A port in use is named in a sentence`() async throws {
        try await withServer { _, port in
            let second = Server(.with { $0.port = port }, errorResponse: errorResponse, handler: echo)
            let error = #expect(throws: StartError.self) { try second.start() }
            #expect(error == .addressInUse(host: "127.0.0.1", port: port))
            #expect(error?.description == "Cannot listen on 127.0.0.1:\(port): the port is in use.")
        }
    }

    @Test func `An address that is not this machine's is named in a sentence`() {
        var configuration = ServerConfiguration()
        configuration.host = "not a host"
        let server = Server(configuration, errorResponse: errorResponse, handler: echo)
        #expect(throws: StartError.noSuchAddress(host: "not a host", port: 0)) { try server.start() }
    }

    @Test func `A server starts once`() async throws {
        try await withServer { server, _ in
            #expect(throws: StartError.alreadyStarted) { try server.start() }
        }
    }
}
