import JSON
import Metering
import Service
import Web

/// A subscription as a client asks for it.
enum SubscriptionInput {
    static let schema = Schema.object([
        .required("user_id", .clientID), .required("action", .choice(of: ChangeAction.self, named: "SubscriptionAction")),
        .required("plan_name", .identifier, "What is left out below comes from this plan in the catalog."),
        .optional("plan_display_name", .string(1...200)),
        .optional("allocated_tokens", .nullable(.quantity), "Of a period; null is unlimited."), .optional("monthly_fee", .money),
        .optional("currency", .currency), .optional("billing_cycle", .billingCycle, "The present one, or monthly, when left out."),
        .optional("effective", effectiveSchema, default: "now"), .optional("trial_days", .integer(0...365)), .reason,
    ]).named("SubscriptionInput").sampled(["user_id": "ada", "action": "create", "plan_name": "pro"])

    static let effectiveSchema = Schema.choice(of: Effective.self, named: "EffectiveTime")

    static func request(_ fields: JSON.Object) throws -> SubscriptionRequest {
        SubscriptionRequest(
            user: try fields.identifier("user_id"), action: try fields.value("action", ChangeAction.init(rawValue:)),
            planName: try fields.identifier("plan_name"), displayName: try fields.text(ifAny: "plan_display_name"),
            tokens: fields["allocated_tokens"].map { Limit($0.integer) },
            monthlyFee: try fields.value(ifAny: "monthly_fee", Money.init(_:)),
            currency: try fields.value(ifAny: "currency", Currency.init(_:)),
            cycle: try fields.value(ifAny: "billing_cycle", BillingCycle.init(_:)),
            effective: try fields.value(ifAny: "effective", Effective.init(rawValue:)) ?? .now,
            trialDays: try fields.integer(ifAny: "trial_days").map { Int($0) })
    }
}

extension SubscriptionChange {
    static let schema = Schema.answer(
        SubscriptionView.termFields + SubscriptionAction.fields + [.repeated]
    ).named("SubscriptionChange")
    fileprivate static let plainSchema = Schema.answer(SubscriptionView.termFields + SubscriptionAction.fields).named(
        "PreviewedSubscription")

    var json: JSON {
        .object(view.terms.followed(by: view.lastAction(saying: message).object))
    }

    private var message: String {
        if let pending = view.subscription.pending {
            return "The change to \(pending.plan.displayName) takes effect when the period ends."
        }
        let plan = view.subscription.plan.displayName
        return switch action {
        case .create: "Subscribed to \(plan)."
        case .upgrade: "Upgraded to \(plan)."
        case .downgrade: "Downgraded to \(plan)."
        case .renew: "Renewed \(plan)."
        case .change: "Changed to \(plan)."
        }
    }
}

extension SubscriptionPreview {
    static let schema = Schema.answer([
        .required("subscription", SubscriptionChange.plainSchema, "As it would be."),
        .required(
            "invoices", .array(of: Invoice.schema),
            "What would be issued, lowered or paid, as it would be; the number of a new one is the next, unless another comes first."),
    ]).named("SubscriptionPreview")

    var json: JSON { ["subscription": change.json, "invoices": .array(invoices.map { .object($0.object) })] }
}

extension SubscriptionStep {
    /// The step in words.
    var message: String {
        switch self {
        case .cancel(.now): "The subscription is canceled."
        case .cancel(.periodEnd): "The subscription ends with its period."
        case .suspend: "The subscription is suspended: the free plan's limits count."
        case .resume: "The subscription is resumed."
        case .reset: "The period is closed, and a new one began."
        }
    }
}
