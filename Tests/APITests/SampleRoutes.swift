import HTTP
import JSON
import Metering
import Service

@testable import API
@testable import Store

/// A handful of routes of every kind, which answer what they were given.
enum SampleRoutes {
    static let body = Schema.object([.required("user_id", .identifier), .required("amount", .quantity)]).named("Sample")

    static let answer = Schema.answer([
        .required("parameters", .map(values: .any)), .required("body", .any), .required("as", .string(0...99)),
    ])

    static let all: [Route] = [
        route(.get, "/healthz", access: .open),
        route(.post, "/v1/admin/shops", access: .admin, body: .json(body)),
        route(.post, "/v1/usage", access: .shop(.usage), body: .json(body), problems: [.idempotencyConflict, .conflict]),
        route(
            .get, "/v1/usage/{user_id}", access: .shop(.read, endUser: true),
            parameters: [.path("user_id"), .query("amount", .integer(0...10), default: 1), .query("history", .boolean)]),
        route(.get, "/v1/usage/batch", access: .shop(.read)),
        route(
            .get, "/v1/holds", access: .shop(.read, endUser: true),
            parameters: [.query("user_id", .identifier), .query("state", .enumeration(["open", "closed"]), required: true)]
                + Page.parameters),
        route(.post, "/v1/close", access: .shop(.manage), body: .optional(.object([.optional("at", .enumeration(["now"]))]))),
        route(.post, "/v1/hook/{shop_id}", access: .open, parameters: [.path("shop_id")], body: .raw(note: "Signed.")),
        route(.delete, "/v1/keys/{key_id}", access: .shop(.manage), parameters: [.path("key_id")]),
        Route(
            .get, "/v1/export", "Export", tag: "sample", access: .shop(.read), answers: [.json(200, "It", .any, or: [MediaType.csv])],
            handle: { .text(200, $0.mediaType, as: $0.mediaType) }),
        Route(.get, "/fails", "Fails", tag: "sample", access: .open, answers: [.empty(204, "Never")], handle: { _ in throw Failure() }),
    ]

    struct Failure: Error {}

    private static func route(
        _ method: Request.Method, _ pattern: String, access: Access, parameters: [Parameter] = [], body: Route.Body = .none,
        problems: [ProblemCode] = []
    ) -> Route {
        Route(
            method, pattern, "Sample", tag: "sample", access: access, parameters: parameters, body: body,
            answers: [.json(200, "What was given", answer)], problems: problems
        ) { call in
            .json(
                200, ["parameters": .object(call.parameters), "body": call.body, "as": .string("\(call.credential.map(name) ?? "nobody")")])
        }
    }

    private static func name(_ credential: Credential) -> String {
        switch credential {
        case .admin: "admin"
        case .shop(let tenant, _, _): tenant.shop.rawValue
        case .endUser(let tenant, let user): "\(tenant.shop)/\(user)"
        }
    }
}
