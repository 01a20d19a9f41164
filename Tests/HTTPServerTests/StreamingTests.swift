import HTTP
import HTTPServer
import Support
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StreamingTests {
    private struct Broken: Error {}

    private static func stream(_ body: @escaping @Sendable (any BodyWriter) async throws -> Void) -> AsyncHandler {
        { _ in Response(status: 200, headers: Headers(), body: .stream(body)) }
    }

    private static let lines = stream { writer in
        for number in 0..<1000 { try await writer.write(Array("line \(number)\n".utf8)) }
        try await writer.write([])
    }
    private static let text = (0..<1000).map { "line \($0)\n" }.joined()

    @Test func `A stream is chunked, whole, and in its turn`() async throws {
        try await withServer(handler: Self.lines) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<2 {
                let response = try await client.response()
                #expect(response["transfer-encoding"] == "chunked" && response.text == Self.text)
            }
        }
    }

    @Test func `For HTTP 1.0 a stream ends with the connection`() async throws {
        try await withServer(handler: Self.lines) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try await client.response()
            #expect(response["transfer-encoding"] == nil && response["connection"] == "close" && response.text == Self.text)
        }
    }

    @Test func `For HEAD a stream does not run`() async throws {
        let handler = Self.stream { _ in Issue.record("it ran") }
        try await withServer(handler: handler) { _, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("HEAD", "/").status == 200)
            #expect(try await client.request("HEAD", "/").status == 200)
        }
    }

    @Test func `A stream that throws is cut before its last chunk`() async throws {
        let handler = Self.stream { writer in
            try await writer.write(Array("part".utf8))
            throw Broken()
        }
        try await withServer(handler: handler) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let text = String(decoding: try await client.rest(), as: UTF8.self)
            #expect(text.hasSuffix("\r\n\r\n4\r\npart\r\n"))
        }
    }

    @Test func `For HTTP 1.0 a stream that throws is reset, not ended`() async throws {
        let handler = Self.stream { writer in
            try await writer.write(Array("part".utf8))
            throw Broken()
        }
        try await withServer(handler: handler) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            await #expect(throws: RawClient.Failure.self) { try await client.rest() }
        }
    }

    @Test func `A slow reader holds the stream back, and memory stays bounded`() async throws {
        let written = Atomic(0)
        let piece = [UInt8](repeating: 0x61, count: 10_000)
        let total = 50_000_000
        let handler = Self.stream { writer in
            while written.load(ordering: .relaxed) < total {
                try await writer.write(piece)
                written.add(piece.count, ordering: .relaxed)
            }
        }
        try await withServer(handler: handler) { server, port in
            let client = try RawClient(port: port, receiveBuffer: 16 * 1024)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            var largest = 0
            for _ in 0..<200 {
                _ = try await client.some(upTo: 1000)
                largest = max(largest, server.gauges.bufferedBytes)
            }
            #expect(largest < 300_000)
            // The handler is ahead of the reader only by the bytes in the kernel's buffers.
            #expect(written.load(ordering: .relaxed) < total / 2)
        }
    }

    @Test func `A stream whose client is gone is told so`() async throws {
        let told = Event()
        let handler = Self.stream { writer in
            do {
                while true { try await writer.write([UInt8](repeating: 0x61, count: 10_000)) }
            } catch {
                await told.happen()
                throw error
            }
        }
        try await withServer(handler: handler) { server, port in
            do {
                let client = try RawClient(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.some(upTo: 100)
            }
            await told.wait()
            #expect(await server.eventually { $0.connections == 0 && $0.inFlight == 0 })
        }
    }
}
