import HTTP
import JSON
import Metering
import Service
import Web

/// What a shop was told, and what became of it.
struct WebhookDeliveryRoutes: Sendable {
    let service: ShopMeter

    private static let tag = WebhookEndpointRoutes.tag
    private static let path = "/v1/webhook-deliveries"

    var all: [Route] { [test, list, get, resend] }

    private var list: Route {
        Route(
            .get, Self.path, id: "listWebhookDeliveries", "What endpoints are told, and what they answered",
            description: "A delivery is kept for 30 days when it is done.", tag: Self.tag, access: .shop(.manage),
            parameters: [
                .query("endpoint_id", .identifier, "Those to this endpoint."),
                .query("status", WebhookDelivery.statusSchema, "Only those that are in it now."),
                .query("user_id", .clientID, "Those about this user."),
            ] + Page.parameters,
            answers: [.json(200, "Deliveries, newest first", Page.schema(of: WebhookDelivery.schema))]
        ) { call in
            let list = WebhookDeliveryList(
                of: try call.parameters.identifier(ifAny: "endpoint_id"),
                status: try call.parameters.value(ifAny: "status", WebhookDelivery.Status.init(rawValue:)),
                user: try call.parameters.identifier(ifAny: "user_id"))
            return try await call.answer("webhook_deliveries", list, keyedBy: .timeAndID(), from: service) { $0.json }
        }
    }

    private var get: Route {
        Route(
            .get, Self.path + "/{delivery_id}", id: "getWebhookDelivery", "A delivery", tag: Self.tag, access: .shop(.manage),
            parameters: [.path("delivery_id")],
            answers: [.json(200, "The delivery", WebhookDelivery.schema)], problems: [.notFound]
        ) { call in .json(200, try await service.delivery(try call.parameters.identifier("delivery_id"), of: call.tenant).json) }
    }

    private var resend: Route {
        Route(
            .post, Self.path + "/{delivery_id}/resend", id: "resendWebhookDelivery", "Send a message again",
            description: "As a delivery of its own, with the message's id. What is pending is sent anyway, and is answered as it is.",
            tag: Self.tag, access: .shop(.manage), idempotency: .key, parameters: [.path("delivery_id")],
            body: .optional(.object([.reason])), answers: Self.made, problems: [.notFound, .conflict]
        ) { call in
            let id: WebhookDeliveryID = try call.parameters.identifier("delivery_id")
            let once: IdempotentRequest<WebhookDelivery>? = try call.once(as: "POST \(Self.path)/\(id)/resend") { $0.json }
            return try await service.resendDelivery(id, of: call.tenant, once: once).response { .json(201, $0.json) }
        }
    }

    private var test: Route {
        Route(
            .post, "/v1/webhook-endpoints/{endpoint_id}/test", id: "testWebhookEndpoint", "Send a message of the type `endpoint.test`",
            tag: Self.tag,
            access: .shop(.manage), idempotency: .key, parameters: [.path("endpoint_id")], body: .optional(.object([.reason])),
            answers: Self.made, problems: [.notFound, .conflict]
        ) { call in
            let id: WebhookEndpointID = try call.parameters.identifier("endpoint_id")
            let once: IdempotentRequest<WebhookDelivery>? = try call.once(as: "POST /v1/webhook-endpoints/\(id)/test") { $0.json }
            return try await service.testEndpoint(id, of: call.tenant, once: once).response { .json(201, $0.json) }
        }
    }

    private static let made: [Answer] = [
        .json(201, "The delivery, which is sent soon", WebhookDelivery.madeSchema),
        .json(200, "It was made with this `Idempotency-Key` before: the first answer", WebhookDelivery.madeSchema),
    ]
}
