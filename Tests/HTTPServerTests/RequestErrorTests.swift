import HTTP
import HTTPServer
import Support
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RequestErrorTests {
    @Test func `After a framing error the answer comes and the connection closes`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "/a")
            let refused = try await client.response()
            #expect(refused.status == 400 && refused["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `After a bad escape the connection goes on`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            let refused = try await client.request("POST", "/%zz", headers: ["X-Request-Id: r1"], body: "abc")
            #expect(refused.status == 400 && refused["x-request-id"] == "r1")
            #expect(try await client.request("GET", "/b").text == "/b")
        }
    }

    @Test func `A body over the limit is refused while the client still sends`() async throws {
        try await withServer(.with { $0.limits.body = 100_000 }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n" + String(repeating: "x", count: 90_000))
            let refused = try await client.response()
            #expect(refused.status == 413 && refused["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `A refused client that sends on without end is cut`() async throws {
        try await withServer(.with { $0.limits.body = 100_000 }) { server, port in
            let client = try RawClient(port: port)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n")
            #expect(try await client.response().status == 413)
            let piece = [UInt8](repeating: 0x61, count: 1_000_000)
            await #expect(throws: RawClient.Failure.self) {
                for _ in 0..<100 { try await client.send(piece) }
            }
            #expect(await server.eventually { $0.connections == 0 })
        }
    }

    @Test func `Over the requests in flight the answer is 503 at once, and the connection goes on`() async throws {
        let go = Event()
        let handler: AsyncHandler = { request in
            await go.wait()
            return await echo(request)
        }
        try await withServer(.with { $0.maxInFlight = 2 }, handler: handler) { server, port in
            let busy = try RawClient(port: port)
            try await busy.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 2 })
            let client = try RawClient(port: port)
            let refused = try await client.request("GET", "/3", headers: ["X-Request-Id: r"])
            #expect(refused.status == 503 && refused["retry-after"] == "1" && refused["x-request-id"] == "r")
            await go.happen()
            #expect(try await busy.response().text == "/1")
            #expect(try await busy.response().text == "/2")
            #expect(try await client.request("GET", "/3").text == "/3")
        }
    }

    @Test func `Bodies on their way are refused when all together are too large`() async throws {
        try await withServer(.with { $0.maxBufferedBytes = 50_000 }) { server, port in
            let first = try RawClient(port: port)
            try await first.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n" + String(repeating: "x", count: 40_000))
            #expect(await server.eventually { $0.bufferedBytes >= 40_000 })
            let second = try RawClient(port: port)
            try await second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n" + String(repeating: "x", count: 40_000))
            #expect(try await second.response().status == 503)
            try await first.send("x")
            #expect(try await first.response().status == 200)
            second.finishSending()
            #expect(await server.eventually { $0.bufferedBytes == 0 })
        }
    }
}
