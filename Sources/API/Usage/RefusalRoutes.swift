import HTTP
import JSON
import Metering
import Service
import Web

/// What was refused, and why.
struct RefusalRoutes: Sendable {
    let service: ShopMeter

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/refusals", id: "listRefusals", "Requests that were refused for want of an allowance",
            description:
                "Each with what `check` said at that instant, for 30 days. They are written just after the answer, and of a flood not all are kept.",
            tag: UsageRoutes.tag, access: .shop(.read),
            parameters: [.query("user_id", .clientID, "Those of this user.")] + Page.parameters,
            answers: [.json(200, "Refusals, newest first", Page.schema(of: KeptRefusal.schema))]
        ) { call in
            let list = RefusalList(of: try call.parameters.identifier(ifAny: "user_id"))
            return try await call.answer("refusals", list, keyedBy: .timeAndID(), from: service) { $0.json }
        }
    }
}

extension KeptRefusal {
    static let schema = Schema.answer([
        .required("refusal_id", .identifier), .required("type", .choice(of: Refusal.Kind.self, named: "RefusalType")),
        .required("user_id", .clientID), .required("request_id", .clientID, "The id of the event, the hold or the call."),
        .required("at", .time), .required("code", .enumeration(["usage_limit_exceeded"])),
        .required("check", UsageCheck.schema, "What `check` said at that instant."),
    ]).named("Refusal")

    var json: JSON {
        let check = (try? JSON(parsing: refusal.check.json)) ?? .null
        return [
            "refusal_id": .string(id.rawValue), "type": .string(refusal.kind.rawValue), "user_id": refusal.user.json,
            "request_id": refusal.request.json, "at": refusal.at.json, "code": "usage_limit_exceeded", "check": check,
        ]
    }
}
