import JSON
import Metering
import Service
import Web

/// An action on a subscription, as answers tell it.
struct SubscriptionAction {
    let name: String
    let previousPlan: PlanName?
    let effectiveAt: Timestamp
    let message: String

    static let fields: [Schema.Field] = [
        .required("action_performed", .string(1...64), "What was done last."),
        .required("previous_plan", .nullable(.identifier), "The plan before a change; null when there was none."),
        .required("effective_date", .time, "When that takes effect."), .required("message", .string(1...500), "The same in words."),
    ]

    var object: JSON.Object {
        JSON.Object([
            "action_performed": name.json, "previous_plan": previousPlan.json, "effective_date": effectiveAt.json, "message": message.json,
        ])
    }
}

extension SubscriptionView {
    static let termFields: [Schema.Field] = [
        .required("subscription_id", .identifier), .required("user_id", .clientID), .required("shop_id", .identifier),
        .required("plan_name", .identifier), .required("plan_display_name", .string(1...200)),
        .required("allocated_tokens", .nullable(.quantity), "Null: unlimited."), .required("monthly_fee", .money),
        .required("currency", .currency), .required("status", .choice(of: SubscriptionStatus.self, named: "SubscriptionStatus")),
        .required("current_period_start", .time), .required("current_period_end", .time),
        .required("next_billing_date", .nullable(.time), "Null: it will not renew."),
        .required("current_usage", .quantity, "Tokens taken from the period's allowance."),
        .required("remaining_tokens", .nullable(.quantity), "What can still be used, with what was carried over and purchased."),
        .required("usage_percentage", .number),
    ]

    /// The fields that every answer about a subscription begins with.
    var terms: JSON.Object {
        JSON.Object([
            "subscription_id": subscription.id.json, "user_id": subscription.user.json, "shop_id": shop.json,
            "plan_name": subscription.plan.name.json, "plan_display_name": subscription.plan.displayName.json,
            "allocated_tokens": subscription.plan.tokens.json,
            "monthly_fee": subscription.plan.monthlyFee.json(in: subscription.plan.currency),
            "currency": subscription.plan.currency.json, "status": .string(subscription.status.rawValue),
            "current_period_start": subscription.period.start.json, "current_period_end": subscription.period.end.json,
            "next_billing_date": nextBillingDate.json, "current_usage": tokens.used.json, "remaining_tokens": tokens.remaining.json,
            "usage_percentage": JSON(rounded: tokens.percentUsed),
        ])
    }

    private var nextBillingDate: Timestamp? {
        subscription.nextBillingAmount == nil ? nil : subscription.period.end
    }

    /// The last action. `message` says it in words; without it they say how the subscription is.
    func lastAction(saying message: String? = nil) -> SubscriptionAction {
        let (last, status) = (subscription.lastStep, subscription.status.rawValue.replacing("_", with: " "))
        return SubscriptionAction(
            name: last.name, previousPlan: last.previousPlan, effectiveAt: last.effectiveAt,
            message: message ?? "The subscription is \(status).")
    }
}
