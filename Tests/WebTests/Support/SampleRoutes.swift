import HTTP
import JSON

@testable import Web

typealias Route = Web.Route<SampleAccess>
typealias Call = Web.Call<SampleAccess>
typealias RouteTable = Web.RouteTable<SampleAccess>
typealias Dispatcher = Web.Dispatcher<SampleAccess>

/// A handful of routes of every kind, which answer what they were given.
enum SampleRoutes {
    static let body = Schema.object([.required("user_id", .identifier), .required("amount", .quantity)]).named("Sample")

    static let answer = Schema.answer([
        .required("parameters", .map(values: .any, keys: .identifier)), .required("body", .any), .required("as", .string(0...99)),
    ])

    static let all: [Route] = [
        route(.get, "/healthz", access: .open),
        route(.post, "/v1/admin/shops", access: .admin, idempotency: .id("user_id"), body: .json(body)),
        route(.post, "/v1/usage", access: .scope("usage"), idempotency: .key, body: .json(body), problems: [.conflict]),
        route(
            .get, "/v1/usage/{user_id}", access: .scope("read", ownUser: true),
            parameters: [.path("user_id"), .query("amount", .integer(0...10), default: 1), .query("history", .boolean)]),
        route(.get, "/v1/usage/batch", access: .scope("read")),
        route(
            .get, "/v1/holds", access: .scope("read", ownUser: true),
            parameters: [.query("user_id", .identifier), .query("state", .enumeration(["open", "closed"]), required: true)]
                + Page.parameters),
        route(
            .post, "/v1/close", access: .scope("manage"), idempotency: .natural("it is closed once"),
            body: .optional(.object([.optional("at", .enumeration(["now"]))]))),
        route(
            .post, "/v1/hook/{shop_id}", access: .open, idempotency: .none("it has no effect"), parameters: [.path("shop_id")],
            body: .raw(note: "Signed.", .any)),
        route(.delete, "/v1/keys/{key_id}", access: .scope("manage"), parameters: [.path("key_id")]),
        Route(
            .get, "/v1/export", id: "export", "Export", tag: "sample", access: .scope("read"),
            answers: [.json(200, "It", .any, or: [MediaType.csv])],
            handle: { .text(200, $0.mediaType, as: $0.mediaType) }),
        Route(
            .get, "/fails", id: "fail", "Fails", tag: "sample", access: .open, answers: [.empty(204, "Never")],
            handle: { _ in throw Failure() }),
    ]

    struct Failure: Error {}

    private static func route(
        _ method: Request.Method, _ pattern: String, access: SampleAccess, idempotency: Idempotency? = nil, parameters: [Parameter] = [],
        body: RequestBody = .none, problems: [ProblemCode] = []
    ) -> Route {
        Route(
            method, pattern, id: method.name.lowercased() + pattern.filter { $0.isLetter }, "Sample", tag: "sample", access: access,
            idempotency: idempotency, parameters: parameters, body: body,
            answers: [.json(200, "What was given", answer)], problems: problems
        ) { call in
            .json(200, ["parameters": .object(call.parameters), "body": call.body, "as": .string(call.credential?.name ?? "nobody")])
        }
    }
}
