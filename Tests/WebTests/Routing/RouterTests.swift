import HTTP
import Testing
import Web

struct RouterTests {
    private static let routes: [(method: Request.Method, pattern: String, target: String)] = [
        (.get, "/", "root"),
        (.get, "/v1/usage/{user_id}", "usage"),
        (.post, "/v1/usage/batch", "batch"),
        (.get, "/v1/usage/{user_id}/events", "events"),
        (.put, "/v1/labels/{dimension}/{value}", "label"),
        (.get, "/v1/plans", "plans"),
        (.put, "/v1/plans/{plan_name}", "put plan"),
        (.get, "/v1/plans/{name}", "get plan"),
        (.get, "/v1/plans/new", "new plan"),
        (.delete, "/v1/plans/{plan_name}/x", "x"),
    ]

    private func match(_ method: Request.Method, _ path: String) throws -> Router<String>.Match {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return try Router(Self.routes).match(method, segments)
    }

    @Test(
        arguments: [
            (Request.Method.get, "/", "root", [:]),
            (.get, "/v1/usage/u1", "usage", ["user_id": "u1"]),
            (.get, "/v1/usage/batch", "usage", ["user_id": "batch"]),
            (.post, "/v1/usage/batch", "batch", [:]),
            (.get, "/v1/usage/batch/events", "events", ["user_id": "batch"]),
            (.head, "/v1/plans", "plans", [:]),
            (.put, "/v1/labels/voice/a", "label", ["dimension": "voice", "value": "a"]),
            (.get, "/v1/plans/new", "new plan", [:]),
            (.get, "/v1/plans/old", "get plan", ["name": "old"]),
            (.put, "/v1/plans/new", "put plan", ["plan_name": "new"]),
            (.delete, "/v1/plans/new/x", "x", ["plan_name": "new"]),
        ] as [(Request.Method, String, String, [String: String])])
    func `A route is found with its parameters, the literal one first`(
        _ method: Request.Method, _ path: String, _ target: String, _ parameters: [String: String]
    ) throws {
        guard case .found(let found, let values) = try match(method, path) else { return #expect(Bool(false), "not found") }
        #expect(found == target && values == parameters)
    }

    @Test(arguments: ["//v1/plans", "/v1", "/v1/plans/", "/v1//plans", "/v1/usage//events", "/v1/usage/u/events/x", "/V1/plans", "/{x}"])
    func `What no pattern is exactly is not found`(_ path: String) throws {
        guard case .notFound = try match(.get, path) else { return #expect(Bool(false), "found") }
    }

    @Test func `A slash that was escaped is part of a value`() throws {
        guard case .found(let found, let values) = try Router(Self.routes).match(.get, ["v1", "usage", "a/b", "events"]) else {
            return #expect(Bool(false), "not found")
        }
        #expect(found == "events" && values == ["user_id": "a/b"])
        guard case .notFound = try Router(Self.routes).match(.get, ["v1/plans"]) else { return #expect(Bool(false), "found") }
    }

    @Test func `The asterisk of OPTIONS is not the root`() throws {
        guard case .notFound = try Router(Self.routes).match(.options, []) else { return #expect(Bool(false), "found") }
    }

    @Test(arguments: [
        (Request.Method.post, "/v1/plans", [Request.Method.get, .head]),
        (.delete, "/v1/plans/new", [.get, .put, .head]),
        (.other("get"), "/v1/usage/batch", [.post, .get, .head]),
        (.get, "/v1/labels/a/b", [.put]),
        (.head, "/v1/labels/a/b", [.put]),
    ])
    func `A path without that method names those it has`(_ method: Request.Method, _ path: String, _ allow: [Request.Method]) throws {
        guard case .methodNotAllowed(let allowed) = try match(method, path) else { return #expect(Bool(false), "another match") }
        #expect(Set(allowed) == Set(allow) && allowed.count == allow.count)
    }

    @Test func `Two routes for the same requests are a mistake`() {
        #expect(throws: RouterMistake.conflict("/a/{b}", "/a/{c}")) {
            try Router([(.get, "/a/{b}", 1), (.post, "/a/{c}", 2), (.get, "/a/{c}", 3)])
        }
    }

    @Test(arguments: ["", "a", "/{}", "/a{b}", "/{a", "/a}", "/{a}{b}", "/{a}/{a}"])
    func `A pattern that is none is a mistake`(_ pattern: String) {
        #expect(throws: RouterMistake.pattern(pattern)) { try Router([(.get, pattern, 1)]) }
    }
}
