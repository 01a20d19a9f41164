import JSON
import Metering
import Service
import Web

extension SubscriptionChange {
    static let schema = Schema.answer(
        SubscriptionView.termFields + SubscriptionAction.fields + [
            .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before: this is the first answer.")
        ]
    ).named("SubscriptionChange")

    var json: JSON {
        let done = SubscriptionAction(name: action.rawValue, previousPlan: previousPlan, effectiveAt: effectiveAt, message: message)
        return .object(view.terms.followed(by: done.object))
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

extension SubscriptionStep {
    /// What the step did, as the subscription is after it.
    func action(on view: SubscriptionView) -> SubscriptionAction {
        let (name, effectiveAt, message) =
            switch self {
            case .cancel(.now): ("cancel", view.subscription.canceledAt ?? view.at, "The subscription is canceled.")
            case .cancel(.periodEnd): ("cancel", view.subscription.period.end, "The subscription ends with its period.")
            case .suspend: ("suspend", view.at, "The subscription is suspended: the free plan's limits count.")
            case .resume: ("resume", view.at, "The subscription is resumed.")
            case .reset: ("reset", view.subscription.period.start, "The period is closed, and a new one began.")
            }
        return SubscriptionAction(name: name, previousPlan: nil, effectiveAt: effectiveAt, message: message)
    }
}
