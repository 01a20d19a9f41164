import HTTP
import JSON
import Metering
import Service
import Web

/// Where a shop is told of what happens.
struct WebhookEndpointRoutes: Sendable {
    let service: ShopMeter

    static let tag = "webhooks out"
    private static let path = "/v1/webhook-endpoints"
    private static let id = Parameter.path("endpoint_id")

    var all: [Route] { [post, list, get, patch, delete, rotate] }

    private var post: Route {
        Route(
            .post, Self.path, id: "createWebhookEndpoint", "Make a webhook endpoint",
            description:
                "Each message is a `POST` with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard Webhooks, which is tried for three days. What is about one user comes in order, at least once.",
            tag: Self.tag, access: .shop(.manage), idempotency: .key, body: .json(WebhookEndpointInput.schema),
            answers: [
                .json(201, "The endpoint with its secret, shown this once", WebhookEndpoint.createdSchema),
                .json(200, "It was made with this `Idempotency-Key` before; its secret is not shown again", WebhookEndpoint.createdSchema),
            ],
            problems: [.conflict]
        ) { call in
            let once: IdempotentRequest<WebhookEndpoint>? = try call.once(as: "POST \(Self.path)") { $0.json(secret: nil) }
            let outcome = try await service.createEndpoint(try WebhookEndpointInput.change(call.fields), of: call.tenant, once: once)
            return try outcome.response { .json(201, $0.endpoint.json(secret: $0.secret)) }
        }
    }

    private var list: Route {
        Route(
            .get, Self.path, id: "listWebhookEndpoints", "The webhook endpoints of the shop", tag: Self.tag, access: .shop(.manage),
            parameters: Page.parameters,
            answers: [.json(200, "Endpoints in the order of their ids", Page.schema(of: WebhookEndpoint.schema))]
        ) { call in
            try await call.answer("webhook_endpoints", WebhookEndpointList(), keyedBy: .id, from: service) { .object($0.object) }
        }
    }

    private var get: Route {
        Route(
            .get, Self.path + "/{endpoint_id}", id: "getWebhookEndpoint", "A webhook endpoint", tag: Self.tag, access: .shop(.manage),
            parameters: [Self.id],
            answers: [.json(200, "The endpoint", WebhookEndpoint.schema)], problems: [.notFound]
        ) { call in
            .json(200, .object(try await service.endpoint(try call.parameters.identifier("endpoint_id"), of: call.tenant).object))
        }
    }

    private var patch: Route {
        Route(
            .patch, Self.path + "/{endpoint_id}", id: "updateWebhookEndpoint", "Change a webhook endpoint",
            description: "What happens within 5 seconds may still be told as it was before.", tag: Self.tag, access: .shop(.manage),
            parameters: [Self.id], body: .json(WebhookEndpointInput.changeSchema),
            answers: [.json(200, "The endpoint", WebhookEndpoint.schema)], problems: [.notFound, .conflict]
        ) { call in
            let changed = try await service.changeEndpoint(
                try call.parameters.identifier("endpoint_id"), try WebhookEndpointInput.change(call.fields), of: call.tenant)
            return .json(200, .object(changed.object))
        }
    }

    private var delete: Route {
        Route(
            .delete, Self.path + "/{endpoint_id}", id: "deleteWebhookEndpoint", "Delete a webhook endpoint",
            description: "What waits for it is given up.",
            tag: Self.tag, access: .shop(.manage), parameters: [Self.id, .reason], answers: [.empty(204, "It is deleted")],
            problems: [.notFound]
        ) { call in
            try await service.deleteEndpoint(try call.parameters.identifier("endpoint_id"), of: call.tenant)
            return .empty
        }
    }

    private var rotate: Route {
        Route(
            .post, Self.path + "/{endpoint_id}/rotate-secret", id: "rotateWebhookSecret", "Give a webhook endpoint a new secret",
            description: "For `overlap_seconds` messages have a signature by the previous one too.",
            tag: Self.tag, access: .shop(.manage), idempotency: .key, parameters: [Self.id],
            body: .optional(
                .object([
                    .optional(
                        "overlap_seconds", .integer(SecretRotation.overlaps), "How long the one before still signs too.",
                        default: .integer(SecretRotation.defaultOverlap)), .reason,
                ])),
            answers: [
                .json(201, "The secret, shown this once", WebhookSecretRotation.schema),
                .json(200, "It was made with this `Idempotency-Key` before; it is not shown again", WebhookSecretRotation.schema),
            ],
            problems: [.notFound, .conflict]
        ) { call in
            let operation = "POST \(Self.path)/{endpoint_id}/rotate-secret"
            let id: WebhookEndpointID = try call.parameters.identifier("endpoint_id")
            let once: IdempotentRequest<WebhookSecretRotation>? = try call.once(as: "\(operation) \(id)") { $0.json(secret: nil) }
            let outcome = try await service.rotateEndpointSecret(
                of: id, overlap: try call.fields.integer(ifAny: "overlap_seconds") ?? SecretRotation.defaultOverlap, of: call.tenant,
                once: once)
            return try outcome.response { .json(201, $0.rotation.json(secret: $0.secret)) }
        }
    }
}
