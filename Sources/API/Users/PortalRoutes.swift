import HTTP
import JSON
import Metering
import Service
import Web

/// The users' page: sessions on it, and how it looks.
struct PortalRoutes: Sendable {
    let service: ShopMeter

    var all: [Route] { [post, get] }

    private var post: Route {
        Route(
            .post, "/v1/portal-sessions", id: "createPortalSession", "Open the users' page for a user",
            description:
                "The address has a token of the user's behind its `#`, which no server sees: link it, or put it into a frame. Who has the address reads that user's data until `expires_at`, as whoever has this key does.",
            tag: UserRoutes.tag, access: .shop(.read),
            idempotency: .none("each session is one of its own, and nothing is stored of it"),
            body: .json(
                .object([
                    .required("user_id", .clientID),
                    .optional(
                        "ttl_seconds", .integer(PortalSession.durations), "For how long.", default: .integer(PortalSession.defaultDuration)),
                ])),
            answers: [
                .json(
                    201, "The session",
                    .answer([.required("url", .string(1...8_192)), .required("expires_at", .time)]).named("PortalSession"))
            ]
        ) { call in
            let session = try await service.portalSession(
                of: try call.fields.identifier("user_id"),
                seconds: try call.fields.integer(ifAny: "ttl_seconds") ?? PortalSession.defaultDuration, in: call.tenant)
            let url = "\(Self.address(of: call.request))/portal#\(try EndUserToken.signed(for: session))"
            return .json(201, ["url": .string(url), "expires_at": session.end.json])
        }
    }

    /// The service's own address, as the caller reached it: itself, or by a proxy that says how.
    private static func address(of request: Request) -> String {
        let isSecure = request.headers["x-forwarded-proto"]?.lowercased() == "https"
        return "\(isSecure ? "https" : "http")://\(request.headers["host"] ?? "localhost")"
    }

    private var get: Route {
        Route(
            .get, "/v1/portal", id: "getPortal", "How the users' page looks", tag: UserRoutes.tag, access: .shop(.read, endUser: true),
            parameters: [.query("user_id", .clientID, "Whose page it is.")],
            answers: [
                .json(
                    200, "The shop as its users see it",
                    .answer([
                        .required("user_id", .nullable(.clientID)), .required("shop_name", .string(1...200)),
                        .required("brand_color", .nullable(.text(.color))), .required("currency", .currency),
                    ]).named("Portal"))
            ]
        ) { call in
            let (user, look) = (try call.parameters.identifier(ifAny: "user_id", as: UserID.self), try await service.look(of: call.tenant))
            return .json(
                200,
                [
                    "user_id": user.json, "shop_name": look.name.json, "brand_color": (look.color?.text).json,
                    "currency": look.currency.json,
                ])
        }
    }
}
