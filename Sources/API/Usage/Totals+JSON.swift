import JSON
import Metering
import Web

extension Totals {
    static let fields: [Schema.Field] = [
        .required("tokens", .quantity), .required("queries", .quantity),
        .required("peak_tokens", .quantity, "Tokens of the largest query."), .required("avg_tokens_per_query", .number),
    ]
    static let schema = Schema.answer(fields).named("Totals")

    var object: JSON.Object {
        JSON.Object([
            "tokens": shownTokens.json, "queries": queries.json, "peak_tokens": peak.json, "avg_tokens_per_query": JSON(rounded: average),
        ])
    }
}

extension DailyUsage {
    static let schema = Schema.answer([.required("date", .date)] + Totals.fields).named("DailyUsage")

    var json: JSON { .object(JSON.Object(["date": day.json]).followed(by: totals.object)) }
}

extension PeriodSummary {
    static let schema = Schema.answer(
        [.required("start", .time), .required("end", .time), .required("plan_name", .identifier)] + Totals.fields + [
            .required("peak_day", .nullable(.date), "The day with the most tokens."),
            .required("reset_date", .time, "When it ended."),
            .required("reason", .string(1...64), "Why: `period_end`, or the step that cut it short."),
            .required(
                "meters",
                .map(
                    values: .answer([
                        .required("limit", .nullable(.quantity)), .required("used", .quantity),
                        .required("carried_over", .integer(-Quantity.largest...Quantity.largest), "Below 0: debt."),
                        .required("overage", .quantity, "Debt that was billed instead."),
                    ]))),
        ]
    ).named("PeriodSummary")

    var json: JSON {
        let head = JSON.Object(["start": period.start.json, "end": period.end.json, "plan_name": plan.json])
        let closed = JSON.Object(meters, key: \.meter.rawValue) {
            ["limit": $0.limit.json, "used": $0.used.json, "carried_over": $0.carriedOver.json, "overage": $0.overage.json]
        }
        return .object(
            head.followed(by: totals.object).followed(
                by: JSON.Object([
                    "peak_day": peakDay.json, "reset_date": period.end.json, "reason": reason.json, "meters": .object(closed),
                ])))
    }
}
