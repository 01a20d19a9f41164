import HTTP
import HTTPServer
import Support
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ResponseTests {
    @Test func `A request is answered, and the next one on the same connection too`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("GET", "/a").text == "/a")
            let second = try await client.request("POST", "/b", body: "xyz")
            #expect(second.text == "/bxyz" && second.status == 200 && second["date"]?.hasSuffix("GMT") == true)
        }
    }

    @Test func `A handler is told whose request it is`() async throws {
        for (host, client) in [("127.0.0.1", "127.0.0.1"), ("::ffff:127.0.0.1", "127.0.0.1")] {
            let handler: AsyncHandler = { Response(status: 200, body: Array(($0.remote ?? "nobody").utf8)) }
            try await withServer(.with { $0.host = host }, handler: handler) { _, port in
                let answer = try await RawClient(port: port).request("GET", "/")
                #expect(answer.text == client)
            }
        }
    }

    @Test func `Answers come in the order of the requests, whichever is ready first`() async throws {
        let last = Event()
        let handler: AsyncHandler = { request in
            // Every handler but the last request's waits for the last request.
            if request.path == ["7"] { await last.happen() } else { await last.wait() }
            return await echo(request)
        }
        try await withServer(handler: handler) { _, port in
            let client = try RawClient(port: port)
            try await client.send((0..<8).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 0..<8 { #expect(try await client.response().text == "/\(number)") }
        }
    }

    @Test func `More requests than the bound in one write are all answered`() async throws {
        try await withServer(.with { $0.maxPipelined = 4 }) { _, port in
            let client = try RawClient(port: port)
            try await client.send((0..<500).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 0..<500 { #expect(try await client.response().text == "/\(number)") }
        }
    }

    @Test func `A connection at its bound is not read`() async throws {
        let go = Event()
        let handler: AsyncHandler = { request in
            await go.wait()
            return await echo(request)
        }
        try await withServer(.with { $0.maxPipelined = 3 }, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send((0..<10).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            #expect(await server.eventually { $0.inFlight == 3 })
            // Another client's request is read and answered, and still no more requests of the first are taken.
            let other = try RawClient(port: port)
            try await other.send("BAD\r\n")
            #expect(try await other.response().status == 400)
            #expect(server.gauges.inFlight == 3)
            await go.happen()
            for number in 0..<10 { #expect(try await client.response().text == "/\(number)") }
        }
    }

    @Test func `A client that ended its side still gets its answers`() async throws {
        let ended = Event()
        let handler: AsyncHandler = { request in
            await ended.wait()
            return await echo(request)
        }
        try await withServer(handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finishSending()
            #expect(await server.eventually { $0.inFlight == 2 })
            await ended.happen()
            #expect(try await client.response().text == "/a")
            #expect(try await client.response().text == "/b")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `The connection closes when the request says so, or is of HTTP 1.0`() async throws {
        try await withServer { _, port in
            for request in ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
                let client = try RawClient(port: port)
                try await client.send(request + "GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response()["connection"] == "close")
                #expect(try await client.rest().isEmpty)
            }
        }
    }

    @Test func `HEAD gets the length and no body`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("HEAD", "/abc")["content-length"] == "4")
            #expect(try await client.request("GET", "/abc").text == "/abc")
        }
    }

    @Test func `A client that waits is told to go on, in its turn`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.send("POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try await client.response().text == "/first")
            #expect(try await client.response().status == 100)
            try await client.send("abc")
            #expect(try await client.response().text == "/pabc")
        }
    }

    @Test func `A large answer comes whole`() async throws {
        let size = 20_000_000
        let handler: AsyncHandler = { _ in Response(status: 200, body: [UInt8](repeating: 0x61, count: size)) }
        try await withServer(handler: handler) { server, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("GET", "/").body.count == size)
            #expect(try await client.request("GET", "/").body.count == size)
            #expect(await server.eventually { $0.bufferedBytes == 0 })
        }
    }
}
