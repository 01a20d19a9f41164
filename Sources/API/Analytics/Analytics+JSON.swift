import JSON
import Metering
import Service
import Web

extension ShopAnalytics {
    static let fields: [Schema.Field] = [
        .required(
            "subscriptions",
            .answer([
                .required("total", .quantity), .required("by_plan", .map(values: .quantity)),
                .required("by_status", .map(values: .quantity)),
            ]).named("SubscriptionCounts"), "Live ones."),
        .required("monthly_recurring_revenue", .moneySum, "In the shop's currency; a yearly fee counts with a twelfth."),
        .required("monthly_recurring_revenue_by_currency", .map(values: .moneySum)),
        .required("users", .quantity, "Who have an account."),
        .required("users_over_80", .quantity, "Percent of their allowance of tokens."),
        .required("users_over_100", .quantity), .required("forecast_to_exceed", .quantity, "Users who will pass it, as the last days go."),
    ]

    func object(in currency: Currency) -> JSON.Object {
        let plans = byPlan.sorted { $0.key < $1.key }
        let statuses = byStatus.sorted { $0.key.rawValue < $1.key.rawValue }
        let currencies = revenue.sorted { $0.key.code < $1.key.code }
        return JSON.Object([
            "subscriptions": [
                "total": byStatus.values.reduce(0, +).json, "by_plan": .object(JSON.Object(plans, key: \.key.rawValue) { $0.value.json }),
                "by_status": .object(JSON.Object(statuses, key: \.key.rawValue) { $0.value.json }),
            ],
            "monthly_recurring_revenue": (revenue[currency] ?? .zero).json,
            "monthly_recurring_revenue_by_currency": .object(JSON.Object(currencies, key: \.key.code) { $0.value.json }),
            "users": users.json, "users_over_80": over80.json, "users_over_100": over100.json,
            "forecast_to_exceed": forecastToExceed.json,
        ])
    }
}

extension ShopReport {
    static let schema = Schema.answer(
        [.required("at", .time), .required("currency", .currency)] + ShopAnalytics.fields + [
            .required("tokens_used", .quantity, "Of all users' current periods."), .required("queries", .quantity),
            .required("users_near_limit", .array(of: UserUse.schema), "From 80 % on, the nearest first, ten at most."),
            .required("top_users", .array(of: UserUse.schema), "Who used most, ten at most."),
        ]
    ).named("Analytics")

    var json: JSON {
        .object(
            JSON.Object(["at": at.json, "currency": shop.currency.json]).followed(by: analytics.object(in: shop.currency)).followed(
                by: JSON.Object([
                    "tokens_used": analytics.tokens.json, "queries": analytics.queries.json,
                    "users_near_limit": .array(analytics.nearLimit.map(\.json)), "top_users": .array(analytics.top.map(\.json)),
                ])))
    }
}

extension UserUse {
    fileprivate static let schema = Schema.answer([
        .required("user_id", .clientID), .required("plan_name", .identifier), .required("tokens", .quantity),
        .required("limit", .nullable(.quantity)), .required("usage_percentage", .number),
    ]).named("UserUse")

    fileprivate var json: JSON {
        [
            "user_id": user.json, "plan_name": plan.json, "tokens": tokens.json, "limit": limit.json,
            "usage_percentage": JSON(rounded: percent),
        ]
    }
}

extension AnalyticsDay {
    static let schema = Schema.answer(
        [
            .required("date", .date), .required("tokens", .quantity, "Used on the day."), .required("queries", .quantity),
            .required("active_users", .quantity, "Who used any."),
        ] + ShopAnalytics.fields
    ).named("AnalyticsDay")

    func json(in currency: Currency) -> JSON {
        .object(
            JSON.Object([
                "date": day.json, "tokens": totals.shownTokens.json, "queries": totals.queries.json, "active_users": activeUsers.json,
            ]).followed(by: shop.object(in: currency)))
    }
}
