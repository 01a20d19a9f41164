import JSON
package import Metering
package import Service
import Web

/// The messages that endpoints get: `{"type", "timestamp", "data"}`.
package enum WebhookMessage {
    /// The message of what happened, as it is sent.
    package static let body: WebhookBody = { cause, at in
        JSON.object(["type": .string(cause.type.rawValue), "timestamp": at.json, "data": .object(cause.data)]).description
    }

    /// The schema of the messages of a type.
    static func schema(of type: WebhookType) -> Schema {
        .answer([
            .required("type", .enumeration([type.rawValue])), .required("timestamp", .time, "When it happened, by the shop's time."),
            .required("data", type.data),
        ]).named(name(of: type))
    }

    /// `AlertCrossedMessage`.
    private static func name(of type: WebhookType) -> String {
        type.rawValue.split { $0 == "." || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Message"
    }

    /// The messages, for the document.
    static let all = WebhookType.allCases.map { type in
        OpenAPI.Message(name: type.rawValue, description: type.occasion, tag: WebhookEndpointRoutes.tag, schema: schema(of: type))
    }

    /// The headers of each message.
    static let headers: [(name: String, description: String)] = [
        ("webhook-id", "The message's id: the same each time that it is sent, so that a message is taken once."),
        ("webhook-timestamp", "When it was sent, in seconds since 1970: refuse one that is more than five minutes old."),
        (
            "webhook-signature",
            "`v1,` and the base 64 of the HMAC-SHA256 of `id.timestamp.body`, whose key is what follows `whsec_` in the secret, from base 64; one for each secret that counts, with a space between two."
        ),
    ]
}

extension WebhookType {
    /// When such a message is sent.
    var occasion: String {
        switch self {
        case .alertCrossed: "An event made the use of an allowance cross a percentage of it: once per period, meter and size of allowance."
        case .limitReached:
            "An event took the last of what a user could use of a meter: of the allowance, what was carried over, and what was bought."
        case .subscriptionCreated: "A subscription began."
        case .subscriptionChanged: "The plan, the terms, the cycle, the status or what is scheduled of a subscription changed."
        case .subscriptionCanceled: "A subscription ended."
        case .periodClosed: "A user's period ended."
        case .invoiceIssued: "An invoice was issued."
        case .invoicePaid: "An invoice was paid, by a payment or from credit."
        case .invoiceOverdue: "An invoice was not paid by its due day."
        case .invoiceRefunded: "A paid invoice was given back, whole or in part."
        case .paymentFailed: "A payment failed at Stripe: the subscription is past due."
        case .billingErrorCreated: "A charge that nobody could pay was refused for the first time."
        case .eventVoided: "An event was taken back, whole or in part."
        case .walletLow: "A charge took a wallet below the amount that the shop has set."
        case .topUpRequested: "A wallet is to be filled up, as the shop has set it."
        case .test: "Somebody asked for it, by `POST /v1/webhook-endpoints/{endpoint_id}/test`."
        }
    }

    /// The schema of `data`.
    fileprivate var data: Schema {
        switch self {
        case .alertCrossed:
            .answer(WebhookCause.usageFields + [.required("percent", .integer(1...100)), .required("message", .string(1...500))])
        case .limitReached: .answer(WebhookCause.usageFields)
        case .subscriptionCreated, .subscriptionCanceled, .paymentFailed: .answer(Subscription.webhookFields).named("SubscriptionNotice")
        case .subscriptionChanged: .answer(Subscription.webhookFields + [.required("previous_plan", .identifier)])
        case .periodClosed:
            .answer([.required("user_id", .clientID), .required("period_number", .quantity), .required("period", PeriodSummary.schema)])
        case .invoiceIssued, .invoicePaid, .invoiceOverdue: Invoice.schema
        case .invoiceRefunded: .answer(Invoice.fields + [.required("amount", .moneySum, "What was given back now.")])
        case .billingErrorCreated: BillingError.schema
        case .eventVoided: .answer(EventVoid.fields + BalanceAfter.fields)
        case .walletLow: Wallet.schema
        case .topUpRequested: .answer(Wallet.fields + [.required("amount", .money, "With how much it is to be filled up.")])
        case .test: .answer([.required("endpoint_id", .identifier)])
        }
    }
}

extension WebhookCause {
    fileprivate static let usageFields: [Schema.Field] = [
        .required("user_id", .clientID), .required("meter", .identifier),
        .required("event_id", .clientID, "The event that did it."), .required("used", .quantity, "Of the period's allowance, after it."),
        .required("limit", .nullable(.quantity)), .required("remaining", .nullable(.quantity)),
    ]

    fileprivate var data: JSON.Object {
        switch self {
        case .alertCrossed(let alert, let event):
            event.webhookObject.followed(by: ["percent": alert.percent.json, "message": alert.message.json])
        case .limitReached(let event): event.webhookObject
        case .subscriptionCreated(let subscription), .subscriptionCanceled(let subscription), .paymentFailed(let subscription):
            subscription.webhookObject
        case .subscriptionChanged(let subscription, let before):
            subscription.webhookObject.followed(by: ["previous_plan": before.json])
        case .periodClosed(let user, let closed):
            ["user_id": user.json, "period_number": closed.number.json, "period": closed.summary.json]
        case .invoiceIssued(let invoice), .invoicePaid(let invoice), .invoiceOverdue(let invoice): invoice.object
        case .invoiceRefunded(let invoice, let amount): invoice.object.followed(by: ["amount": amount.json(in: invoice.bill.currency)])
        case .billingErrorCreated(let error): error.json.object ?? [:]
        case .eventVoided(let void): void.object
        case .walletLow(let wallet): wallet.object
        case .topUpRequested(let wallet, let terms): wallet.object.followed(by: ["amount": terms.amount.walletJSON])
        case .test(let endpoint): ["endpoint_id": endpoint.json]
        }
    }
}

extension RecordedEvent {
    fileprivate var webhookObject: JSON.Object {
        [
            "user_id": user.json, "meter": content.meter.json, "event_id": id.json, "used": settlement.used.json,
            "limit": settlement.limit.json, "remaining": settlement.remaining.json,
        ]
    }
}

extension Subscription {
    fileprivate static let webhookFields: [Schema.Field] = [
        .required("subscription_id", .identifier), .required("user_id", .clientID), .required("plan_name", .identifier),
        .required("plan_display_name", .string(1...200)), .required("allocated_tokens", .nullable(.quantity), "Null: unlimited."),
        .required("monthly_fee", .money), .required("currency", .currency), .required("billing_cycle", .billingCycle),
        .required("status", .choice(of: SubscriptionStatus.self, named: "SubscriptionStatus")), .required("current_period_start", .time),
        .required("current_period_end", .time), .required("trial_end", .nullable(.time)),
        .required("cancel_at", .nullable(.time), "When it ends or ended."), .required("cancel_at_period_end", .boolean),
        .required("pending_change", .nullable(PendingChange.schema)), .required("change_reason", .string(1...500), "The last step."),
    ]

    fileprivate var webhookObject: JSON.Object {
        [
            "subscription_id": id.json, "user_id": user.json, "plan_name": plan.name.json, "plan_display_name": plan.displayName.json,
            "allocated_tokens": plan.tokens.json, "monthly_fee": plan.monthlyFee.json(in: plan.currency), "currency": plan.currency.json,
            "billing_cycle": cycle.json, "status": .string(status.rawValue), "current_period_start": period.start.json,
            "current_period_end": period.end.json, "trial_end": trialEnd.json, "cancel_at": cancelAt.json,
            "cancel_at_period_end": cancelAtPeriodEnd.json, "pending_change": pending?.json(at: period.end) ?? .null,
            "change_reason": lastStep.name.json,
        ]
    }
}

extension WebhookEndpointID: JSONValue {}
extension WebhookDeliveryID: JSONValue {}
extension WebhookMessageID: JSONValue {}
extension WebhookType: JSONValue {}
