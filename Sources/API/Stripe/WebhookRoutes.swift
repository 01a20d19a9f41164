import HTTP
import JSON
package import Metering
import Service
import Web

/// Webhooks: what other services tell a shop. Each service authenticates in its own way.
package struct WebhookRoutes: Sendable {
    /// Told of an event of Stripe's: its shop, its id and type, and why it did nothing.
    package typealias Note = @Sendable (_ shop: ShopID, _ event: StripeEvent, _ reason: String) -> Void

    let service: ShopMeter
    var note: Note = { _, _, _ in }

    static let tag = "webhooks"

    var all: [Route] { [postStripeEvent, listStripeEvents] }

    private static let stripeNote = """
        Signed by `Stripe-Signature`, which counts for 5 minutes. Moves the subscription of the user whom the `metadata` of the subscription, its \
        items, the invoice or its lines name as `user_id`, or `checkout.session.completed` as `client_reference_id`: \
        `customer.subscription.created`, `.updated`, `.paused`, `.resumed`, `.deleted`, `invoice.payment_failed`, `invoice.payment_succeeded`, \
        `invoice.paid`; other events change nothing. A plan of the catalog is found by its `stripe_price_ids`, or by its name as the lookup key. A \
        payment is also that of the invoice that the `metadata` of Stripe's names as `invoice_number`, if it is at least its total. An event counts \
        once, what was made before an event that is there already moves nothing back, and events of an older or another subscription at Stripe \
        leave the present one alone.
        """

    private var postStripeEvent: Route {
        Route(
            .post, "/v1/webhooks/stripe/{shop_id}", id: "receiveStripeEvent", "Take an event of Stripe's", description: Self.stripeNote,
            tag: Self.tag,
            access: .open, idempotency: .id("id"), parameters: [.path("shop_id")],
            body: .raw(note: "A Stripe `Event` in JSON, as it was signed.", StripeEvent.schema),
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
        return try await service.serving(tenant) {
            let receipt = try await service.receiveStripeEvent(event, of: tenant)
            if case .new(let outcome, let reason?) = receipt, outcome != .applied { note(shop, event, reason) }
            return .json(200, receipt.json)
        }
    }

    private var listStripeEvents: Route {
        Route(
            .get, "/v1/stripe-events", id: "listStripeEvents", "The events of Stripe's that were received",
            description: "For 90 days, with what each did, or why it did not.",
            tag: Self.tag, access: .shop(.read),
            parameters: [
                .query("user_id", .clientID, "Only those of this user."),
                .query("outcome", .choice(of: StripeOutcome.self, named: "StripeOutcome"), "Only those of which this became."),
            ] + Page.parameters,
            answers: [.json(200, "Events, the last first", Page.schema(of: ReceivedStripeEvent.schema))]
        ) { call in
            let list = StripeEventList(
                of: try call.parameters.identifier(ifAny: "user_id"),
                outcome: try call.parameters.value(ifAny: "outcome", StripeOutcome.init(rawValue:)))
            return try await call.answer("stripe_events", list, keyedBy: .timeAndID(), from: service, json: \.json)
        }
    }

    /// Authenticates the event, and finds the shop that it is for. Nil, whatever is wrong, so that a caller who tries shops or secrets learns
    /// nothing. Stripe tries again after any status but 2xx.
    private func stripeTenant(_ shop: ShopID, _ call: Call) async throws -> Tenant? {
        guard let signature = StripeSignature(in: call.request.headers), signature.isTimely(at: service.stripeTime) else { return nil }
        let known = try await service.stripeSecrets(of: shop)
        // For a shop without a secret the work is the same, so that the time taken tells nothing.
        let secrets = known.flatMap { $0.secrets.isEmpty ? nil : $0.secrets }
        let isSigned = try (secrets ?? [Self.noSecret]).contains { try signature.signs(call.request.body, with: $0) }
        return secrets != nil && isSigned ? known?.tenant : nil
    }

    private static let noSecret = "whsec_none"

    private static var unauthorized: Problem {
        Problem(
            .unauthorized, "the request needs one header, Stripe-Signature, that is valid for this shop and this body",
            headers: Headers(["www-authenticate": "Stripe-Signature"]))
    }
}
