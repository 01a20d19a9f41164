import HTTP
import Support
import Testing

@testable import HTTPServer

/// Who goes when every place is taken.
@Suite(.timeLimit(.minutes(5)))
struct PlaceTests {
    /// Knows the callers of `/known`, and answers `/slow` when told to.
    private static func handler(_ go: Event = Event()) -> AsyncHandler {
        { request in
            if request.path == ["slow"] { await go.wait() }
            var response = await echo(request)
            response.isForKnownCaller = request.path == ["known"]
            return response
        }
    }

    private static func roomFor(_ number: Int) -> ServerConfiguration {
        .with {
            $0.maxConnections = number
            $0.deadlines.keep = .zero
        }
    }

    @Test func `A newcomer takes the place of the stranger who is idle the longest`() async throws {
        try await withServer(.with { $0.maxConnections = 3 }, handler: Self.handler()) { server, port in
            let known = try RawClient(port: port)
            #expect(try await known.request("GET", "/known").status == 200)
            let (first, second) = (try RawClient(port: port), try RawClient(port: port))
            #expect(try await first.request("GET", "/a").status == 200)
            #expect(try await second.request("GET", "/a").status == 200)
            #expect(try await first.request("GET", "/a").status == 200)
            let newcomer = try RawClient(port: port)
            #expect(try await newcomer.request("GET", "/new").text == "/new")
            #expect(try await second.rest().isEmpty)
            for client in [known, first, newcomer] { #expect(try await client.request("GET", "/b").text == "/b") }
            #expect(server.gauges.connections == 3)
        }
    }

    @Test(arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"])
    func `A hundred strangers who send nothing, or half, hold no place from those who ask`(_ half: String) async throws {
        try await withServer(.with { $0.maxConnections = 20 }, handler: Self.handler()) { server, port in
            let known = try RawClient(port: port)
            #expect(try await known.request("GET", "/known").status == 200)
            var strangers: [RawClient] = []
            for number in 0..<100 {
                strangers.append(try RawClient(port: port))
                try? await strangers[number].send(half)
                if number % 10 == 0 { #expect(try await RawClient(port: port).request("GET", "/\(number)").text == "/\(number)") }
            }
            #expect(try await known.request("GET", "/b").text == "/b")
            #expect(server.gauges.connections <= 20)
        }
    }

    @Test func `As long as a stranger has a place, no known caller goes`() async throws {
        let go = Event()
        try await withServer(.with { $0.maxConnections = 2 }, handler: Self.handler(go)) { server, port in
            let known = try RawClient(port: port)
            #expect(try await known.request("GET", "/known").status == 200)
            let busy = try RawClient(port: port)
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { $0.inFlight == 1 })
            let newcomer = try RawClient(port: port)
            try await newcomer.send("GET /new HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<5 { #expect(try await known.request("GET", "/known").status == 200) }
            await go.happen()
            #expect(try await busy.response().text == "/slow")
            #expect(try await newcomer.response().text == "/new")
            #expect(try await known.request("GET", "/known").status == 200)
        }
    }

    @Test func `Who waits for an answer keeps the place, and a known caller goes who is idle`() async throws {
        let go = Event()
        try await withServer(Self.roomFor(2), handler: Self.handler(go)) { server, port in
            let busy = try RawClient(port: port)
            #expect(try await busy.request("GET", "/known").status == 200)
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            let known = try RawClient(port: port)
            #expect(try await known.request("GET", "/known").status == 200)
            #expect(await server.eventually { $0.inFlight == 1 })
            let newcomer = try RawClient(port: port)
            #expect(try await newcomer.request("GET", "/new").text == "/new")
            #expect(try await known.rest().isEmpty)
            await go.happen()
            #expect(try await busy.response().text == "/slow")
        }
    }

    @Test func `One address has its share of the places`() async throws {
        let go = Event()
        let shared = ServerConfiguration.with {
            $0.maxConnections = 20
            $0.maxConnectionsPerAddress = 2
        }
        try await withServer(shared, handler: Self.handler(go)) { server, port in
            let busy = [try RawClient(port: port), try RawClient(port: port)]
            for client in busy { try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") }
            #expect(await server.eventually { $0.inFlight == 2 })
            let refused = try RawClient(port: port)
            #expect(try await refused.rest().isEmpty)
            await go.happen()
            for client in busy { #expect(try await client.response().text == "/slow") }
            // Now both are idle, and the one that was used the longest ago makes room.
            for client in busy { #expect(try await client.request("GET", "/a").text == "/a") }
            let newcomer = try RawClient(port: port)
            #expect(try await newcomer.request("GET", "/new").text == "/new")
            #expect(try await busy[0].rest().isEmpty)
            #expect(try await busy[1].request("GET", "/b").text == "/b")
            #expect(server.gauges.connections == 2)
        }
    }

    @Test(arguments: [(20_000, 15_000), (128, 96), (3, 3), (2, 2), (1, 1)])
    func `One address has three quarters of the places without a setting`(_ all: Int, _ share: Int) {
        #expect(ServerConfiguration.with { $0.maxConnections = all }.connectionsOfOneClient == share)
    }

    @Test func `Connections have the files that are left after a reserve`() throws {
        #expect(try FileBudget(limit: 1024).connections == 1024 - FileBudget.reserve)
        #expect(try FileBudget(limit: 256).connections == 256 - FileBudget.reserve)
        let error = #expect(throws: StartError.self) { try FileBudget(limit: 100) }
        #expect(error?.description.contains("may have 100 files open") == true && error?.description.contains("ulimit -n") == true)
    }
}
