import JSON
import Jobs
import Web

extension JobReport {
    static let schema = Schema.answer([
        .required("job", .enumeration(JobName.allCases.map(\.rawValue))), .optional("periods_closed", .quantity),
        .optional("quota_months_closed", .quantity), .optional("reservations_expired", .quantity),
        .optional("invoices_overdue", .quantity), .optional("days_kept", .quantity),
        .optional("users", .quantity), .optional("shops", .quantity), .required("milliseconds", .quantity),
    ]).named("JobReport")

    /// What the job counted, in the order of the names.
    var json: JSON {
        var fields = [JSON.Object.Field(name: "job", value: job.json)]
        fields += counts.sorted { $0.key < $1.key }.map { JSON.Object.Field(name: $0.key, value: $0.value.json) }
        fields.append(JSON.Object.Field(name: "milliseconds", value: milliseconds.json))
        return .object(JSON.Object(unique: fields))
    }
}
