import JSON
import Jobs
import Web

extension JobReport {
    static let schema = Schema.answer(
        [.required("job", .enumeration(Job.all.map(\.name)))] + Job.allCounts.map { .optional($0, .quantity) }
            + [.required("milliseconds", .quantity)]
    ).named("JobReport")

    /// The job, its counts in the order of their names, and how long it took.
    var json: JSON {
        var fields = [JSON.Object.Field(name: "job", value: job.json)]
        fields += counts.sorted { $0.key < $1.key }.map { JSON.Object.Field(name: $0.key, value: $0.value.json) }
        fields.append(JSON.Object.Field(name: "milliseconds", value: milliseconds.json))
        return .object(JSON.Object(unique: fields))
    }
}

extension ClockMove {
    static let schema = Schema.answer([
        .required("shop_id", .identifier), .required("now", .time), .required("periods_closed", .quantity),
        .required("reservations_expired", .quantity), .required("invoices_overdue", .quantity),
        .required("quota_months_closed", .quantity, "Months of pro owners' quotas that ended on the way."),
        .required("analytics_days", .quantity, "Days that ended on the way."),
    ]).named("ClockMove")

    var json: JSON {
        [
            "shop_id": shop.json, "now": now.json, "periods_closed": periodsClosed.json, "reservations_expired": reservationsExpired.json,
            "invoices_overdue": invoicesOverdue.json, "quota_months_closed": quotaMonthsClosed.json, "analytics_days": analyticsDays.json,
        ]
    }
}
