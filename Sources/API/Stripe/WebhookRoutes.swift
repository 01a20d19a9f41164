import HTTP
import JSON
import Metering
import Service
import Web

/// Webhooks: what other services tell a shop. Each service authenticates in its own way.
struct WebhookRoutes: Sendable {
    let service: ShopMeter

    static let tag = "webhooks"

    var all: [Route] { [postStripeEvent] }

    private static let stripeNote = """
        Signed by `Stripe-Signature`, which counts for 5 minutes. Moves the subscription of the user whom the `metadata` of the invoice or of \
        the subscription names as `user_id`: `invoice.payment_failed`, `invoice.payment_succeeded`, `invoice.paid`, \
        `customer.subscription.updated`, `customer.subscription.deleted`; other events change nothing. A payment \
        is also that of the invoice that the `metadata` of Stripe's names as `invoice_number`, if it is at least its total. An event counts once, and what was \
        made before an event that is there already moves nothing back. A user who has several subscriptions in Stripe is named by one of them.
        """

    private var postStripeEvent: Route {
        Route(
            .post, "/v1/webhooks/stripe/{shop_id}", "Take an event of Stripe's", description: Self.stripeNote, tag: Self.tag,
            access: .open, idempotency: .id("id"), parameters: [.path("shop_id")],
            body: .raw(note: "A Stripe `Event` in JSON, as it was signed."),
            answers: [.json(200, "It is received, now or before", StripeReceipt.schema)],
            problems: [.unauthorized, .rateLimited, .malformedJSON, .databaseUnavailable, .conflict], handle: takeStripeEvent)
    }

    private func takeStripeEvent(_ call: Call) async throws -> Response {
        let shop: ShopID = try call.parameters.identifier("shop_id")
        let known = try await service.limitingFailures(from: call.request.remote, needsLookUp: service.isStranger(shop)) {
            try await stripeTenant(shop, call)
        }
        guard let tenant = known else { throw Self.unauthorized }
        let event = try StripeEvent(JSON(parsing: call.request.body))
        return try await service.serving(tenant) { .json(200, try await service.receiveStripeEvent(event, of: tenant).json) }
    }

    /// Authenticates the event, and finds the shop that it is for. Nil, whatever is wrong, so that a caller who tries shops or secrets learns
    /// nothing. Stripe tries again after any status but 2xx.
    private func stripeTenant(_ shop: ShopID, _ call: Call) async throws -> Tenant? {
        guard let signature = StripeSignature(in: call.request.headers), signature.isTimely(at: service.stripeTime) else { return nil }
        let known = try await service.stripeSecret(of: shop)
        // For a shop without a secret the work is the same, so that the time taken tells nothing.
        let isSigned = try signature.signs(call.request.body, with: known?.secret ?? Self.noSecret)
        guard let known, known.secret != nil, isSigned else { return nil }
        return known.tenant
    }

    private static let noSecret = "whsec_none"

    private static var unauthorized: Problem {
        Problem(
            .unauthorized, "the request needs one header, Stripe-Signature, that is valid for this shop and this body",
            headers: Headers(["www-authenticate": "Stripe-Signature"]))
    }
}
