import JSON
import Metering
import Web

extension RecordedEvent {
    static let schema = Schema.answer([
        .required("event_id", .identifier), .required("user_id", .identifier), .required("meter", .identifier),
        .required("amount", .quantity), .required("occurred_at", .time, "When it was recorded, where the client did not say."),
        .required("recorded_at", .time), .required("reference_id", .nullable(.string(0...256))),
        .required("description", .nullable(.string(0...1000))), .required("dimensions", .map(values: .string(0...256))),
        .required("breakdown", Breakdown.schema), .required("used", .quantity), .required("limit", .nullable(.quantity)),
        .required("remaining", .nullable(.quantity)), .required("reservation_id", .nullable(.identifier), "Which hold it committed."),
    ]).named("UsageRecord")

    var json: JSON {
        [
            "event_id": id.json, "user_id": user.json, "meter": content.meter.json, "amount": content.amount.json,
            "occurred_at": at.json, "recorded_at": recordedAt.json, "reference_id": content.referenceID.json,
            "description": content.description.json, "dimensions": dimensions, "breakdown": settlement.breakdown.json,
            "used": settlement.used.json, "limit": settlement.limit.json, "remaining": settlement.remaining.json,
            "reservation_id": (commitment?.reservation).json,
        ]
    }

    /// In the order of their names.
    var dimensions: JSON {
        .object(JSON.Object(content.dimensions.sorted { $0.key < $1.key }, key: \.key) { $0.value.json })
    }
}
