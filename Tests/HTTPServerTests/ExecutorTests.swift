import Foundation
import Glibc
import HTTP
import HTTPServer
import Support
import Synchronization
import Testing

/// Tasks on the server's thread.
struct ExecutorTests {
    private static var thread: UInt { UInt(pthread_self()) }

    @Test func `A task runs on the server's thread from its start to its end, and comes back to it from elsewhere`() async throws {
        let threads = Mutex<[UInt]>([])
        let handler: AsyncHandler = { request in
            threads.withLock { $0.append(Self.thread) }
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume() }
            }
            threads.withLock { $0.append(Self.thread) }
            return await echo(request)
        }
        let patience: @Sendable (Request) -> Duration = { _ in
            threads.withLock { $0.append(Self.thread) }
            return .seconds(300)
        }
        try await withServer(patience: patience, handler: handler) { _, port in
            let client = try RawClient(port: port)
            #expect(try await client.request("GET", "/a").text == "/a")
            #expect(threads.withLock { $0.count == 3 && Set($0).count == 1 })
        }
    }

    @Test func `Tasks that post to one another keep the other connections served`() async throws {
        let over = Atomic(false)
        let handler: AsyncHandler = { request in
            while request.path == ["busy"], !over.load(ordering: .relaxed) { await Task.yield() }
            return await echo(request)
        }
        try await withServer(handler: handler) { _, port in
            let (busy, other) = (try RawClient(port: port), try RawClient(port: port))
            try await busy.send("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<20 { #expect(try await other.request("GET", "/b").text == "/b") }
            over.store(true, ordering: .relaxed)
            #expect(try await busy.response().text == "/busy")
        }
    }

    @Test func `A task that outlives its server comes to its end`() async throws {
        let (go, ended) = (Event(), Event())
        let handler: AsyncHandler = { request in
            await go.wait()
            await ended.happen()
            return await echo(request)
        }
        try await withServer(.with { $0.deadlines.drain = .zero }, handler: handler) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 1 })
            await server.drain()
            await go.happen()
            await ended.wait()
        }
    }
}
