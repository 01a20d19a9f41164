import HTTP
import HTTPServer
import Support
import Synchronization
import Testing

/// RFC 9112, 9.3.2: a server may handle pipelined requests at the same time if all of them have safe methods.
@Suite(.timeLimit(.minutes(5)))
struct PipeliningTests {
    private static func requests(_ methods: [String]) -> String {
        methods.enumerated().map { "\($1) /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
    }

    /// Handlers that note how many work at the same time, and when an unsafe one is among them.
    private final class Watch: Sendable {
        private struct State {
            var atWork: [Bool] = []
            var order: [String] = []
            var overlaps = 0
        }
        private let state = Mutex(State())

        var order: [String] { state.withLock { $0.order } }
        var overlaps: Int { state.withLock { $0.overlaps } }

        func handle(_ request: Request) async -> Response {
            state.withLock { state in
                state.order.append(request.path.joined())
                if !state.atWork.isEmpty, !(request.method.isSafe && state.atWork.allSatisfy { $0 }) { state.overlaps += 1 }
                state.atWork.append(request.method.isSafe)
            }
            for _ in 0..<20 { await Task.yield() }
            return state.withLock { state in
                if let index = state.atWork.firstIndex(of: request.method.isSafe) { state.atWork.remove(at: index) }
                return Response(status: 200, body: Array(request.path.joined().utf8))
            }
        }
    }

    @Test(arguments: [
        ["PUT", "POST"], ["GET", "POST", "GET"], ["POST", "POST", "POST", "POST"],
        ["GET", "GET", "DELETE", "GET", "HEAD", "PATCH", "MOVE", "GET"],
    ])
    func `A request that changes something is handled alone, in its turn`(_ methods: [String]) async throws {
        for _ in 0..<20 {
            let watch = Watch()
            try await withServer(handler: watch.handle) { _, port in
                let client = try RawClient(port: port)
                try await client.send(Self.requests(methods))
                for (number, method) in methods.enumerated() {
                    let answer = try await client.response(isHead: method == "HEAD")
                    #expect(answer.status == 200 && answer.text == (method == "HEAD" ? "" : "\(number)"))
                }
            }
            #expect(watch.overlaps == 0)
            #expect(watch.order.count == methods.count)
        }
    }

    @Test func `A request that changes something waits for the end of the stream before it`() async throws {
        let go = Event()
        let ended = Atomic(false)
        let handler: AsyncHandler = { request in
            if request.method == .post { return Response(status: ended.load(ordering: .sequentiallyConsistent) ? 200 : 500) }
            return Response(
                status: 200, headers: Headers(),
                body: .stream { writer in
                    try await writer.write(Array("a".utf8))
                    await go.wait()
                    ended.store(true, ordering: .sequentiallyConsistent)
                })
        }
        try await withServer(handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send(Self.requests(["GET", "POST"]))
            #expect(await server.eventually { $0.inFlight == 1 })
            _ = try await client.some(upTo: 10)
            #expect(server.gauges.inFlight == 1)
            await go.happen()
            let rest = String(decoding: try await client.some(upTo: 10_000), as: UTF8.self)
            #expect(!rest.contains(" 500 "))
            client.finishSending()
            let end = rest + String(decoding: try await client.rest(), as: UTF8.self)
            #expect(end.contains("HTTP/1.1 200 OK") && !end.contains(" 500 "))
        }
    }

    @Test func `A held request's body counts as buffered, and is answered in a drain`() async throws {
        let go = Event()
        let handler: AsyncHandler = { request in
            if request.path == ["slow"] { await go.wait() }
            return await echo(request)
        }
        try await withServer(.with { $0.deadlines.drain = .seconds(300) }, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz")
            #expect(await server.eventually { $0.inFlight == 1 && $0.bufferedBytes == 3 })
            async let drained: Void = server.drain()
            #expect(throws: RawClient.Failure.self) {
                while true { _ = try RawClient(port: port) }
            }
            await go.happen()
            #expect(try await client.response().text == "/slow")
            #expect(try await client.response().text == "/bxyz")
            #expect(try await client.rest().isEmpty)
            client.finishSending()
            await drained
        }
    }
}
