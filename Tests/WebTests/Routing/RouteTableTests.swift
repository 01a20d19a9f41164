import HTTP
import Synchronization
import Testing

@testable import Web

struct RouteTableTests {
    private func route(
        _ pattern: String, method: Request.Method = .get, id: String = "\(UInt64.random(in: .min ... .max))", access: SampleAccess = .open,
        idempotency: Idempotency? = nil,
        parameters: [Parameter] = [], answers: [Answer] = [.empty(204, "Done")], patience: Duration = Patience.standard
    ) -> Route {
        Route(
            method, pattern, id: id, "x", tag: "x", access: access, idempotency: idempotency, parameters: parameters, answers: answers,
            patience: patience
        ) { _ in .empty }
    }

    @Test func `The parameters of a path are those of its pattern, each once`() throws {
        _ = try RouteTable([route("/a/{b}", parameters: [.path("b")])])
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a/{b}")]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", parameters: [.path("b")])]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a/{b}/{b}", parameters: [.path("b"), .path("b")])]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", parameters: [.query("b", .boolean), .query("b", .boolean)])]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a/{b}", parameters: [.path("b"), .query("b", .boolean)])]) }
    }

    @Test func `A route that is there twice or never succeeds is refused`() {
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a"), route("/a")]) }
        #expect(throws: RouteMistake.self) {
            try RouteTable([route("/a/{b}", parameters: [.path("b")]), route("/a/{c}", parameters: [.path("c")])])
        }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", answers: [])]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", id: "get"), route("/b", id: "get")]) }
    }

    @Test func `A POST that does not say how a repeated request is met is refused`() throws {
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", method: .post)]) }
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", method: .put, idempotency: .key)]) }
        for idempotency in [Idempotency.key, .id("x"), .id("x", orKey: true), .natural("x"), .none("x")] {
            _ = try RouteTable([route("/a", method: .post, idempotency: idempotency)])
        }
    }

    @Test func `A request may take as long as its route says, and five seconds are enough for all others`() throws {
        let table = try RouteTable([route("/a"), route("/a/{b}", parameters: [.path("b")], patience: .seconds(30))])
        let asked = Mutex<[Duration]>([])
        let dispatcher = Dispatcher(
            table: table, requestID: .identifier,
            run: { request, route, thread, work, answer in
                asked.withLock { $0.append(route.patience) }
                Dispatcher.start(request, route, on: thread, work, answer)
            }, authenticate: { _, _ in nil }, report: { _, _ in })
        for (method, path) in [(.get, ["a", "x"]), (.head, ["a", "x"]), (.get, ["a"])] as [(Request.Method, [String])] {
            let patience = dispatcher.handle(Request(method: method, path: path)) { _ in }
            #expect(patience == asked.withLock { $0.last })
        }
        #expect(dispatcher.handle(Request(method: .get, path: ["no"])) { _ in } == Patience.standard)
        #expect(asked.withLock { $0 } == [.seconds(30), .seconds(30), Patience.standard])
        #expect(Patience.standard < .seconds(5))
    }

    @Test func `A rule may object to its route`() throws {
        #expect(throws: RouteMistake.self) { try RouteTable([route("/a", access: .scope("read", ownUser: true))]) }
        _ = try RouteTable([route("/a/{user_id}", access: .scope("read", ownUser: true), parameters: [.path("user_id")])])
    }
}
