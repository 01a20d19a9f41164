import JSON
import Jobs
import Web

extension JobReport {
    static let schema = Schema.answer(
        [.required("job", .enumeration(Job.all.map(\.name)))] + Job.allCounts.map { .optional($0, .quantity) }
            + [.required("milliseconds", .quantity)]
    ).named("JobReport")

    /// What the job counted, in the order of the names.
    var json: JSON {
        var fields = [JSON.Object.Field(name: "job", value: job.json)]
        fields += counts.sorted { $0.key < $1.key }.map { JSON.Object.Field(name: $0.key, value: $0.value.json) }
        fields.append(JSON.Object.Field(name: "milliseconds", value: milliseconds.json))
        return .object(JSON.Object(unique: fields))
    }
}
