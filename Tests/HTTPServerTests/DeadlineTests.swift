import HTTP
import HTTPServer
import Support
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DeadlineTests {
    @Test func `A slow header is answered with 408 and closed`() async throws {
        try await withServer(.with { $0.deadlines.header = .milliseconds(100) }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHo")
            let refused = try await client.response()
            #expect(refused.status == 408 && refused["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `A header that drips in is not given more time for each byte`() async throws {
        try await withServer(.with { $0.deadlines.header = .milliseconds(200) }) { _, port in
            let client = try RawClient(port: port)
            let other = try RawClient(port: port)
            async let refused = client.response()
            try await client.send("GET /")
            // If each byte gave more time, the line would grow until it is too long, which is a 400.
            for _ in 0..<9_000 {
                guard (try? await client.send("x")) != nil else { break }
                _ = try await other.request("GET", "/")
            }
            #expect(try await refused.status == 408)
        }
    }

    @Test func `A slow body is answered with 408 and closed`() async throws {
        try await withServer(.with { $0.deadlines.body = .milliseconds(100) }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab")
            let refused = try await client.response()
            #expect(refused.status == 408 && refused["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `An idle connection is closed without a word`() async throws {
        try await withServer(.with { $0.deadlines.idle = .milliseconds(100) }) { server, port in
            let fresh = try RawClient(port: port)
            #expect(try await fresh.rest().isEmpty)
            let used = try RawClient(port: port)
            #expect(try await used.request("GET", "/a").text == "/a")
            #expect(try await used.rest().isEmpty)
            #expect(await server.eventually { $0.connections == 0 })
        }
    }

    @Test func `A request that takes longer than every deadline of reading is answered`() async throws {
        let shortened = ServerConfiguration.with {
            $0.deadlines.idle = .milliseconds(500)
            $0.deadlines.header = .milliseconds(500)
            $0.deadlines.body = .milliseconds(500)
        }
        let go = Event()
        let handler: AsyncHandler = { request in
            await go.wait()
            return await echo(request)
        }
        try await withServer(shortened, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 1 })
            // An idle client is closed after the same time, so all deadlines have passed.
            for _ in 0..<3 { #expect(try await RawClient(port: port).rest().isEmpty) }
            await go.happen()
            #expect(try await client.response().text == "/a")
        }
    }

    @Test func `A client that takes nothing is cut`() async throws {
        let handler: AsyncHandler = { request in
            request.path == ["large"] ? Response(status: 200, body: [UInt8](repeating: 0x61, count: 30_000_000)) : await echo(request)
        }
        try await withServer(.with { $0.deadlines.writeStall = .milliseconds(200) }, handler: handler) { server, port in
            let client = try RawClient(port: port, receiveBuffer: 4096)
            #expect(try await client.request("GET", "/a").text == "/a")
            #expect(await server.eventually { $0.connections == 1 })
            try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.connections == 0 })
            #expect(server.gauges.bufferedBytes == 0)
            await #expect(throws: RawClient.Failure.self) { try await client.response() }
        }
    }

    @Test func `A client that takes bytes all the time, and too few, is cut`() async throws {
        let handler: AsyncHandler = { _ in Response(status: 200, body: [UInt8](repeating: 0x61, count: 30_000_000)) }
        let demanding = ServerConfiguration.with {
            $0.deadlines.writeStall = .milliseconds(200)
            $0.leastRate = 1_000_000_000
        }
        try await withServer(demanding, handler: handler) { server, port in
            let client = try RawClient(port: port, receiveBuffer: 4096)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await #expect(throws: RawClient.Failure.self) {
                while true { _ = try await client.some(upTo: 1000) }
            }
            #expect(await server.eventually { $0.connections == 0 && $0.bufferedBytes == 0 })
        }
    }

    @Test func `A handler that does not answer in time is answered for, and its own answer is dropped`() async throws {
        let late = Event()
        let handler: AsyncHandler = { request in
            if request.path == ["slow"] { await late.wait() }
            return await echo(request)
        }
        let patience: @Sendable (Request) -> Duration = { $0.path == ["slow"] ? .milliseconds(100) : .seconds(300) }
        try await withServer(.with { $0.deadlines.grace = .zero }, patience: patience, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /slow HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\r\n\r\n")
            try await client.send("POST /never HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "/a")
            let refused = try await client.response()
            #expect(refused.status == 503 && refused["retry-after"] == "1" && refused["x-request-id"] == "r")
            #expect(refused["connection"] == "close")
            #expect(server.gauges.inFlight == 1)
            await late.happen()
            #expect(try await client.rest().isEmpty)
            #expect(await server.eventually { $0.inFlight == 0 })
        }
    }

    @Test func `A late handler's answer is the last one, also when a request behind it is late in the same moment`() async throws {
        let never = Event()
        let handler: AsyncHandler = { request in
            await never.wait()
            return await echo(request)
        }
        let both = ServerConfiguration.with {
            $0.deadlines.grace = .zero
            $0.deadlines.header = .milliseconds(300)
        }
        let patience: @Sendable (Request) -> Duration = { _ in .milliseconds(300) }
        try await withServer(both, patience: patience, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /half HTTP/1.1\r\nHo")
            #expect(try await client.response().status == 503)
            #expect(try await client.rest().isEmpty)
            await never.happen()
            #expect(await server.eventually { $0.inFlight == 0 && $0.connections == 0 })
        }
    }

    @Test func `A stream that began in time may take longer`() async throws {
        let (began, go) = (Event(), Event())
        let body: @Sendable (any BodyWriter) async throws -> Void = { writer in
            try await writer.write(Array("a".utf8))
            await began.happen()
            await go.wait()
            try await writer.write(Array("b".utf8))
        }
        let handler: AsyncHandler = { _ in Response(status: 200, headers: Headers(), body: .stream(body)) }
        let impatient = ServerConfiguration.with {
            $0.deadlines.grace = .zero
            $0.deadlines.idle = .seconds(6)
        }
        let patience: @Sendable (Request) -> Duration = { _ in .seconds(3) }
        try await withServer(impatient, patience: patience, handler: handler) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.wait()
            // An idle client is closed after twice the stream's patience.
            #expect(try await RawClient(port: port).rest().isEmpty)
            await go.happen()
            #expect(try await client.response().text == "ab")
        }
    }

    @Test func `A client that does not close after the last answer is closed`() async throws {
        try await withServer(.with { $0.deadlines.linger = .milliseconds(100) }) { server, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("GET", "/a", headers: ["Connection: close"]).text == "/a")
            #expect(await server.eventually { $0.connections == 0 })
        }
    }
}
