import JSON
import Metering
import Service
import Web

extension UsageSummary {
    /// The fields of a summary that are known of the past too.
    private static let balanceFields: [Schema.Field] = [
        .required("user_id", .clientID), .required("shop_id", .identifier),
        .required(
            "plan", .answer([.required("plan_name", .identifier), .required("display_name", .string(1...200))]).named("PlanName"),
            "The plan whose limits count."),
        .required("subscription", .nullable(Subscription.briefSchema), "The live one; null: the free plan."),
        .required(
            "period", .answer([.required("start", .time), .required("end", .time), .required("days_remaining", .quantity)]).named("Period")),
        .required("limits", .map(values: .nullable(.quantity)), "By meter; null is unlimited."),
        .required("usage", .map(values: .quantity), "Taken from the allowance, by meter."),
        .required("balances", .map(values: MeterBalance.schema)), .required("tier", .identifier, "The plan's name."),
        .required("is_canceling", .boolean, "Whether the subscription ends with its period."), .required("cancel_at", .nullable(.time)),
    ]
    private static let sums: [(name: String, schema: Schema, note: String?)] = [
        ("totals", Totals.schema, "Of the period, in tokens."), ("lifetime", Totals.schema, nil),
        ("peak_daily_usage", .quantity, "Tokens of the period's largest day; `peak_tokens` is of its largest query."),
        ("weekly_usage", .quantity, "Tokens of the period's last 7 days."),
    ]
    private static let days: [(name: String, schema: Schema, note: String?)] = [
        ("daily", .array(of: DailyUsage.schema), "Days of the period with usage."),
        ("monthly_summary", .array(of: PeriodSummary.schema), "Closed periods, oldest first."),
    ]
    /// The fields that a summary and an overview of a user share.
    static let overviewFields = balanceFields + sums.map { .required($0.name, $0.schema, $0.note) }
    static let schema = Schema.answer(
        balanceFields + (sums + days).map { .optional($0.name, $0.schema, ($0.note.map { $0 + " " } ?? "") + "Not with `at`.") }
            + [.optional("at", .time, "Only with `at`.")]
    ).named("UsageSummary")

    var json: JSON {
        if isPast { return .object(balances.followed(by: ["at": at.json])) }
        return .object(
            overview.followed(
                by: JSON.Object([
                    "daily": .array(account.daily.map(\.json)), "monthly_summary": .array(account.summaries.map(\.json)),
                ])))
    }

    var overview: JSON.Object {
        balances.followed(
            by: JSON.Object([
                "totals": .object(account.periodTotals.object), "lifetime": .object(account.lifetime.object),
                "peak_daily_usage": peakDay.json, "weekly_usage": lastWeek.json,
            ]))
    }

    private var balances: JSON.Object {
        let meters = account.meters
        return JSON.Object([
            "user_id": account.user.json, "shop_id": shop.json,
            "plan": ["plan_name": plan.name.json, "display_name": plan.displayName.json],
            "subscription": subscription?.brief ?? .null,
            "period": [
                "start": account.period.start.json, "end": account.period.end.json, "days_remaining": daysRemaining.json,
            ],
            "limits": .object(JSON.Object(meters, key: \.meter.rawValue) { $0.limit.json }),
            "usage": .object(JSON.Object(meters, key: \.meter.rawValue) { $0.used.json }),
            "balances": .object(JSON.Object(meters, key: \.meter.rawValue, value: \.json)),
            "tier": plan.name.json, "is_canceling": (subscription?.cancelAtPeriodEnd ?? false).json,
            "cancel_at": (subscription?.cancelAt).json,
        ])
    }
}

extension UsageSummary {
    private var peakDay: Quantity { account.daily.map(\.totals.shownTokens).max() ?? 0 }

    private var lastWeek: Quantity {
        let first = at.day.number - 6
        return account.daily.reduce(0) { first <= $1.day.number ? $0.bounded(adding: $1.totals.shownTokens) : $0 }
    }
}

extension Subscription {
    fileprivate static let briefSchema = Schema.answer([
        .required("subscription_id", .identifier), .required("status", .choice(of: SubscriptionStatus.self, named: "SubscriptionStatus")),
        .required("plan_name", .identifier), .required("billing_cycle", .billingCycle), .required("current_period_start", .time),
        .required("current_period_end", .time), .required("cancel_at_period_end", .boolean),
    ]).named("SubscriptionBrief")

    fileprivate var brief: JSON {
        [
            "subscription_id": id.json, "status": .string(status.rawValue), "plan_name": plan.name.json, "billing_cycle": cycle.json,
            "current_period_start": period.start.json, "current_period_end": period.end.json,
            "cancel_at_period_end": cancelAtPeriodEnd.json,
        ]
    }
}

extension MeterBalance {
    static let schema = Schema.answer([
        .required("limit", .nullable(.quantity)), .required("used", .quantity),
        .required("rollover", .integer(-Quantity.largest...Quantity.largest), "Carried over; below 0 it is debt."),
        .required("purchased", .quantity), .required("reserved", .quantity),
        .required("remaining", .nullable(.quantity), "Null: unlimited."), .required("usage_percentage", .number),
    ]).named("Balance")

    var json: JSON {
        [
            "limit": limit.json, "used": used.json, "rollover": rollover.json, "purchased": purchased.json, "reserved": reserved.json,
            "remaining": remaining.json, "usage_percentage": JSON(rounded: percentUsed),
        ]
    }
}

extension UserOverview {
    static let schema = Schema.answer(
        UsageSummary.overviewFields + [
            .required("pending_change", .nullable(PendingChange.schema), "A plan change that waits for the period's end."),
            .required("open_holds", .array(of: Reservation.schema, count: 0...Self.maximumHolds), "The first to expire first."),
            .required("wallet", .nullable(Wallet.schema), "Null: the user has none."),
        ] + UserProfile.fields
    ).named("User")

    var json: JSON {
        let pending = summary.subscription.flatMap { subscription in subscription.pending?.json(at: subscription.period.end) }
        return .object(
            summary.overview.followed(
                by: JSON.Object([
                    "pending_change": pending ?? .null, "open_holds": .array(openHolds.map { .object($0.object) }),
                    "wallet": wallet?.json ?? .null,
                ])
            ).followed(by: (profile ?? UserProfile()).object))
    }
}
