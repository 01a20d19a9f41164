import JSON
import Metering
import Web

extension UsageCheck {
    static let schema = Schema.answer([
        .required("allowed", .boolean), .required("meter", .identifier), .required("limit", .nullable(.quantity), "Null: unlimited."),
        .required("current", .quantity, "Used of the period's allowance."), .required("requested", .quantity),
        .required("available", .nullable(.quantity), "Null: unlimited."), .required("reserved", .quantity, "Held by open reservations."),
        .required("would_take", Breakdown.schema, "From where the amount would be taken."),
        .required("reason", .nullable(.string(1...500)), "Why it is not allowed; null when it is."),
    ]).named("UsageCheck")

    var json: JSON {
        [
            "allowed": isAllowed.json, "meter": meter.json, "limit": limit.json, "current": current.json, "requested": requested.json,
            "available": available.json, "reserved": reserved.json, "would_take": wouldTake.json, "reason": reason.json,
        ]
    }
}
