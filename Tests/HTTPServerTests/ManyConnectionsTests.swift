import Foundation
import Glibc
import HTTPServer
import Support
import Testing

/// The first two tests run in processes of their own, because they count the process's threads and use up its files.
@Suite(.timeLimit(.minutes(5)))
struct ManyConnectionsTests {
    @Test func `Two thousand idle connections cost no thread and no buffer`() async {
        await #expect(processExitsWith: .success) {
            raiseFileLimit()
            try await withServer { server, port in
                let first = try RawClient(port: port)
                _ = try await first.request("GET", "/a")
                let before = threadCount()
                let clients = try (0..<2000).map { _ in try RawClient(port: port) }
                #expect(await server.eventually { $0.connections == 2001 })
                #expect(threadCount() <= before, "\(before) threads became \(threadCount())")
                #expect(server.gauges.bufferedBytes == 0)
                for client in clients.suffix(10) { #expect(try await client.request("GET", "/b").text == "/b") }
            }
        }
    }

    @Test func `Without a free file the server goes on, and takes connections again when there is one`() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server, port in
                let kept = try RawClient(port: port)
                #expect(try await kept.request("GET", "/a").text == "/a")
                var taken: [Int32] = []
                // The client's file is the last one, so that the server has none for its side.
                let spare = dup(0)
                while case let file = dup(0), file >= 0 { taken.append(file) }
                close(spare)
                let shed = try RawClient(port: port)
                #expect(await isCut(shed))
                #expect(try await kept.request("GET", "/b").text == "/b")
                for file in taken { close(file) }
                let client = try RawClient(port: port)
                #expect(try await client.request("GET", "/c").text == "/c")
            }
        }
    }

    @Test func `Over the number of connections new ones wait for a place`() async throws {
        try await withServer(.with { $0.maxConnections = 2 }) { server, port in
            var clients = [try RawClient(port: port), try RawClient(port: port)]
            for client in clients { #expect(try await client.request("GET", "/a").text == "/a") }
            let third = try RawClient(port: port)
            try await third.send("GET /c HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await clients[0].request("GET", "/b").text == "/b")
            #expect(server.gauges.connections == 2)
            clients.removeLast()
            #expect(try await third.response().text == "/c")
        }
    }
}

private func isCut(_ client: RawClient) async -> Bool {
    do {
        return try await client.rest().isEmpty
    } catch {
        return error as? RawClient.Failure != .timedOut
    }
}

private func threadCount() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
}

private func raiseFileLimit() {
    var limit = rlimit()
    _ = unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
}
