import JSON
import Metering
import Service
import Web

/// What became of one event of a batch.
enum BatchResult {
    case recorded(UsageAnswer)
    /// `eventID` is the id that the client gave, which need not be a valid one.
    case rejected(eventID: String?, Problem)

    static let schema = Schema.answer(
        [
            .required("status", .enumeration(["recorded", "duplicate", "rejected"]).named("BatchStatus")),
            .optional("problem", Problem.partSchema, "Why it was rejected; the other fields but `event_id` are missing then."),
            .required("event_id", .nullable(.string(0...Int.max))),
        ] + UsageAnswer.fields.filter { $0.name != "event_id" }.map { .optional($0.name, $0.schema) }
    ).named("BatchResult")

    func write(into results: inout ObjectWriter) {
        switch self {
        case .recorded(let answer):
            answer.write(into: &results)
            results.field("status", answer.isDuplicate ? "duplicate" : "recorded")
        case .rejected(let eventID, let problem):
            results.field("event_id", eventID)
            results.field("status", "rejected")
            results.field("problem", value: problem.json(requestID: nil))
        }
    }

    /// The problem when the service failed; nil when the event was recorded, or the client is at fault.
    var failure: Problem? {
        if case .rejected(_, let problem) = self, problem.status >= 500 { problem } else { nil }
    }
}
