import JSON
import Metering
import Service
import Web

/// The status of a subscription: its terms, the last action, analytics of its usage, its schedule and its history.
extension SubscriptionView {
    static let schema = Schema.answer(fields).named("Subscription")
    static let movedSchema = Schema.answer(fields + [.repeated]).named("MovedSubscription")

    private static let fields = termFields + SubscriptionAction.fields + analyticsFields + scheduleFields + historyFields

    func json(saying message: String? = nil, includesHistory: Bool = false) -> JSON {
        var fields = terms.followed(by: lastAction(saying: message).object).followed(by: analyticsObject).followed(by: scheduleObject)
        fields = fields.followed(by: historyObject(isWhole: includesHistory))
        return .object(fields)
    }

    private static let analyticsFields: [Schema.Field] = [
        .required("billing_cycle", .billingCycle), .required("days_remaining_in_period", .quantity),
        .required("next_billing_amount", .nullable(.moneySum), "Null: it will not renew."),
        .required("credit_balance", .moneySum, "Taken off the next invoices."),
        .required("avg_daily_usage", .number, "The mean of the last 7 days with usage."),
        .required("projected_monthly_usage", .quantity, "That mean over the days of the period."),
        .required("usage_trend", .enumeration(["increasing", "decreasing", "stable"]).named("UsageTrend")),
        .required(
            "alerts",
            .array(
                of: .answer([
                    .required("type", .enumeration(["info", "warning", "error"]).named("AlertLevel")),
                    .required("message", .string(1...500)),
                    .required("action", .string(1...64)),
                ]).named("StatusAlert"))),
        .required("recommendations", .array(of: .string(1...500))),
    ]

    private var analyticsObject: JSON.Object {
        JSON.Object([
            "billing_cycle": subscription.cycle.json, "days_remaining_in_period": daysRemaining.json,
            "next_billing_amount": subscription.nextBillingAmount?.json(in: currency) ?? .null,
            "credit_balance": subscription.creditBalance.json(in: currency),
            "avg_daily_usage": JSON(rounded: analytics.averageDaily),
            "projected_monthly_usage": analytics.projected.json, "usage_trend": .string(analytics.trend.rawValue),
            "alerts": .array(alerts.map(\.json)), "recommendations": .array(recommendations.map(\.json)),
        ])
    }

    private static let scheduleFields: [Schema.Field] = [
        .required("cancel_at", .nullable(.time), "When it ends or ended."), .required("cancel_at_period_end", .boolean),
        .required("pending_change", .nullable(PendingChange.schema), "A change that waits for the period's end."),
        .required("allowance_period_start", .time, "Of the allowance that counts, which may be shorter than the billing period."),
        .required("allowance_period_end", .time),
    ]

    private var currency: Currency { subscription.plan.currency }

    private var scheduleObject: JSON.Object {
        JSON.Object([
            "cancel_at": subscription.cancelAt.json, "cancel_at_period_end": subscription.cancelAtPeriodEnd.json,
            "pending_change": subscription.pending?.json(at: subscription.period.end) ?? .null,
            "allowance_period_start": allowancePeriod.start.json, "allowance_period_end": allowancePeriod.end.json,
        ])
    }

    private static let historyFields: [Schema.Field] = [
        .required(
            "usage_history",
            .answer([
                .required("daily", .array(of: DailyUsage.schema), "The last 30 days, across periods."),
                .required("total_queries", .quantity),
                .required("avg_tokens_per_query", .number),
            ]).named("UsageHistory"), "Sums of this period; the days are there with `include_history=true`."),
        .required("plan_history", .array(of: PlanHistoryEntry.schema), "Oldest first; empty without `include_history=true`."),
    ]

    private func historyObject(isWhole: Bool) -> JSON.Object {
        return JSON.Object([
            "usage_history": [
                "daily": .array(days.map(\.json)), "total_queries": account.periodTotals.queries.json,
                "avg_tokens_per_query": JSON(rounded: analytics.averagePerQuery),
            ],
            "plan_history": .array(isWhole ? subscription.history.map { $0.json(in: currency) } : []),
        ])
    }
}

extension StatusAlert {
    fileprivate var json: JSON { ["type": .string(type.rawValue), "message": message.json, "action": action.json] }
}

extension PendingChange {
    static let schema = Schema.answer([
        .required("action", .choice(of: ChangeAction.self, named: "SubscriptionAction")), .required("plan_name", .identifier),
        .required("allocated_tokens", .nullable(.quantity)), .required("monthly_fee", .money), .required("billing_cycle", .billingCycle),
        .required("effective_date", .time),
    ]).named("PendingChange")

    func json(at time: Timestamp) -> JSON {
        [
            "action": .string(action.rawValue), "plan_name": plan.name.json, "allocated_tokens": plan.tokens.json,
            "monthly_fee": plan.monthlyFee.json(in: plan.currency), "billing_cycle": cycle.json,
            "effective_date": time.json,
        ]
    }
}

extension PlanHistoryEntry {
    static let schema = Schema.answer([
        .required("plan", .identifier), .required("tokens", .nullable(.quantity)), .required("fee", .moneySum),
        .required("start_date", .time), .required("end_date", .nullable(.time)), .required("change_reason", .string(1...500)),
        .required("note", .nullable(.string(0...500)), "Why, in the words of whoever did it."),
        .required("changed_by", .string(1...200), "`key:` and the key's id, `command`, or `system`."),
    ]).named("PlanHistoryEntry")

    func json(in currency: Currency) -> JSON {
        [
            "plan": plan.json, "tokens": tokens.json, "fee": fee.json(in: currency), "start_date": start.json, "end_date": end.json,
            "change_reason": reason.json, "note": note.json, "changed_by": actor.text.json,
        ]
    }
}
