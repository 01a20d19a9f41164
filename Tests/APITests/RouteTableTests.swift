import HTTP
import Metering
import Testing

@testable import API

struct RouteTableTests {
    private func route(
        _ pattern: String, method: Request.Method = .get, access: Access = .open, parameters: [Parameter] = [],
        answers: [Answer] = [.empty(204, "Done")]
    ) -> Route {
        Route(method, pattern, "x", tag: "x", access: access, parameters: parameters, answers: answers) { _ in .empty }
    }

    @Test func `A route that admits end users without saying whose data it shows is refused`() {
        #expect(throws: RouteMistake.self) { try RouteTable([route("/v1/a", access: .shop(.read, endUser: true))]) }
        #expect(throws: RouteMistake.self) {
            try RouteTable([route("/v1/a/{user_id}", method: .post, access: .shop(.usage, endUser: true), parameters: [.path("user_id")])])
        }
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
    }
}
