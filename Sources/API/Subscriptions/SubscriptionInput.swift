import JSON
import Metering
import Web

/// A subscription as a client asks for it.
enum SubscriptionInput {
    static let schema = Schema.object([
        .required("user_id", .identifier), .required("action", .enumeration(ChangeAction.allCases.map(\.rawValue))),
        .required("plan_name", .identifier, "What is left out below comes from this plan in the catalog."),
        .optional("plan_display_name", .string(1...200)),
        .optional("allocated_tokens", .nullable(.quantity), "Of a period; null is unlimited."), .optional("monthly_fee", .money),
        .optional("currency", .currency), .optional("billing_cycle", .billingCycle, "The present one, or monthly, when left out."),
        .optional("effective", effectiveSchema, default: "now"), .optional("trial_days", .integer(0...365)),
    ]).named("SubscriptionInput")

    static let effectiveSchema = Schema.enumeration(Effective.allCases.map(\.rawValue))

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
