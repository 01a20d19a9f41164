import HTTP
import JSON
import Metering
import Service
import Web

extension ShopRoutes {
    var rotateSecret: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/jwt-secret", id: "rotateJWTSecret", "Give a shop a new JWT secret",
            description:
                "The one before still counts for a while, a third one no longer. The new one is known on every instance within 5 seconds.",
            tag: Self.tag, access: .admin, idempotency: .key, parameters: [Self.shopID],
            body: .optional(
                .object([
                    .optional(
                        "overlap_seconds", .integer(SecretRotation.overlaps), "How long the one before still counts.",
                        default: .integer(SecretRotation.defaultOverlap)), .reason,
                ])),
            answers: [
                .json(201, "The secret, shown this once", SecretRotation.schema),
                .json(200, "It was made with this `Idempotency-Key` before; it is not shown again", SecretRotation.schema),
            ],
            problems: [.notFound, .conflict], handle: rotateSecret)
    }

    private func rotateSecret(_ call: Call) async throws -> Response {
        let once: IdempotentRequest<SecretRotation>? = try call.once(as: "POST /v1/admin/shops/{shop_id}/jwt-secret") {
            $0.json(secret: nil)
        }
        let outcome = try await service.rotateSecret(
            of: try call.parameters.identifier("shop_id"),
            overlap: try call.fields.integer(ifAny: "overlap_seconds") ?? SecretRotation.defaultOverlap, once: once)
        return try outcome.response { .json(201, $0.rotation.json(secret: $0.secret)) }
    }

    var putStripeSecret: Route {
        Route(
            .put, "/v1/admin/shops/{shop_id}/stripe-secret", id: "setStripeSecret", "Set the secrets of a shop's Stripe webhook",
            description:
                "They are not shown again; null removes all, and nothing of Stripe's is taken any more. Known on every instance within 5 seconds.",
            tag: Self.tag, access: .admin, parameters: [Self.shopID],
            body: .json(
                .object([
                    .optional("secret", .nullable(.text(.stripeSecret)), "The endpoint's signing secret."),
                    .optional(
                        "secrets", .array(of: .text(.stripeSecret), count: 0...StripeSecrets.maximum),
                        "In the place of `secret`: one for each endpoint in Stripe."),
                    .optional(
                        "overlap_seconds", .integer(SecretRotation.overlaps), "How long those of before still count.", default: 0), .reason,
                ])),
            answers: [.empty(204, "They are set")], problems: [.notFound]
        ) { call in
            try await service.setStripeSecrets(
                try Self.stripeSecrets(call.fields), overlap: try call.fields.integer(ifAny: "overlap_seconds") ?? 0,
                of: try call.parameters.identifier("shop_id"))
            return .empty
        }
    }

    private static func stripeSecrets(_ fields: JSON.Object) throws -> [String] {
        if let secrets = try fields.array(ifAny: "secrets") {
            guard fields["secret"] == nil else { throw Problem.invalid("secret", "is in `secrets`, or alone") }
            return secrets.compactMap(\.string)
        }
        guard fields["secret"] != nil else { throw Problem.invalid("secret", "is required, where there are no secrets") }
        return [try fields.text(ifAny: "secret")].compactMap(\.self)
    }
}
