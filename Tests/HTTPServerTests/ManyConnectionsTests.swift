import Foundation
import Glibc
import HTTP
import HTTPServer
import Support
import Testing

/// The first two tests run in processes of their own, because they count the process's threads and use up its files.
@Suite(.timeLimit(.minutes(5)))
struct ManyConnectionsTests {
    @Test func `Two thousand idle connections cost no thread and no buffer`() async {
        await #expect(processExitsWith: .success) {
            _ = try FileBudget.raised()
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

    @Test func `Over the number of connections at work new ones wait for a place`() async throws {
        let (first, second) = (Event(), Event())
        let handler: AsyncHandler = { request in
            if request.path == ["1"] { await first.wait() }
            if request.path == ["2"] { await second.wait() }
            return await echo(request)
        }
        try await withServer(.with { $0.maxConnections = 2 }, handler: handler) { server, port in
            let clients = [try RawClient(port: port), try RawClient(port: port)]
            try await clients[0].send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
            try await clients[1].send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 2 })
            let third = try RawClient(port: port)
            try await third.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
            try await clients[0].send("BAD\r\n")
            try await clients[1].send("GET /more HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 2 && $0.bufferedBytes == 0 })
            #expect(server.gauges.connections == 2)
            await first.happen()
            #expect(try await clients[0].response().text == "/1")
            #expect(try await clients[0].response().status == 400)
            clients[0].finishSending()
            #expect(try await third.response().text == "/3")
            await second.happen()
            #expect(try await clients[1].response().text == "/2")
            #expect(try await clients[1].response().text == "/more")
        }
    }

    @Test func `A listener that fails for good does not hold up the open connections`() async {
        await #expect(processExitsWith: .success) {
            try await withServer { _, port in
                let kept = try RawClient(port: port)
                #expect(try await kept.request("GET", "/a").text == "/a")
                let socket = try #require(listeningSocket(on: port))
                // From now on accept(2) fails with EINVAL, while epoll reports the listener without end.
                shutdown(socket, Int32(SHUT_RD))
                for _ in 0..<20 { #expect(try await kept.request("GET", "/b").text == "/b") }
                // Listening again, which takes another port, brings it back.
                #expect(listen(socket, 16) == 0)
                let client = try RawClient(port: try #require(listeningPort(of: socket)))
                #expect(try await client.request("GET", "/c").text == "/c")
            }
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

/// This process's socket that listens on the port.
private func listeningSocket(on port: UInt16) -> Int32? {
    (0..<1024).first { listeningPort(of: $0) == port }
}

private func listeningPort(of file: Int32) -> UInt16? {
    var (isListening, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    guard unsafe getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1 else { return nil }
    var (address, size) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
    let isNamed = unsafe withUnsafeMutablePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(file, $0, &size) == 0 }
    }
    return isNamed ? UInt16(bigEndian: address.sin_port) : nil
}
