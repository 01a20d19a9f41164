import JSON
import Jobs
import Metering
import Web

extension JobReport {
    static let schema = Schema.answer(
        [.required("job", .enumeration(Job.all.map(\.name)).named("JobName"))] + Job.allCounts.map { .optional($0, .quantity) }
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

extension JobStatus {
    static let schema = Schema.answer([
        .required("job", .enumeration(Job.all.map(\.name)).named("JobName")),
        .required("last_run", .nullable(.time), "When the last turn ended, on any instance."),
        .required("next_run", .nullable(.time), "When the instance that answers tries it next."),
        .required("owner", .nullable(.string(1...256)), "The instance that is at it just now."),
        .required("counts", .map(values: .quantity), "What the last turn did."),
        .required("failed", .array(of: JobFailure.schema, count: 0...JobFailures.maximum), "What fails, and holds nothing else up."),
    ]).named("JobStatus")

    var json: JSON {
        let counts = counts.sorted { $0.key < $1.key }.map { JSON.Object.Field(name: $0.key, value: $0.value.json) }
        return [
            "job": job.json, "last_run": lastRun.json, "next_run": nextRun.json, "owner": owner.json,
            "counts": .object(JSON.Object(unique: counts)), "failed": .array(failures.map(\.json)),
        ]
    }
}

extension JobFailure {
    static let schema = Schema.answer([
        .required("shop_id", .identifier), .optional("user_id", .clientID, "Missing where the shop fails as a whole."),
        .required("since", .time), .required("failures", .quantity, "In a row."),
        .required("next_try", .time, "Twice as long after each failure, at most 10 minutes."), .required("error", .string(1...200)),
    ]).named("JobFailure")

    var json: JSON {
        var fields = [JSON.Object.Field(name: "shop_id", value: subject.shop.json)]
        if let user = subject.user { fields.append(JSON.Object.Field(name: "user_id", value: user.json)) }
        let rest: JSON.Object = ["since": since.json, "failures": count.json, "next_try": next.json, "error": error.json]
        return .object(JSON.Object(unique: fields + rest.fields))
    }
}
