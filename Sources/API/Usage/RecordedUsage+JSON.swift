import JSON
import Metering
import Service
import Web

extension UsageAnswer {
    static let fields: [Schema.Field] = [
        .required("event_id", .clientID), .required("duplicate", .boolean, "True: this is the first answer to the same event."),
        .required("user_id", .clientID), .required("meter", .identifier), .required("amount", .quantity),
        .required("recorded_at", .time), .required("breakdown", Breakdown.schema),
        .required("used", .quantity, "Of the period's allowance, after the event."), .required("limit", .nullable(.quantity)),
        .required("remaining", .nullable(.quantity)),
        .required("alerts", .array(of: ThresholdAlert.schema), "Percentages of the allowance that the event crossed."),
        RecordedEvent.countedInField,
    ]
    static let schema = Schema.answer(fields).named("RecordedUsage")

    var json: [UInt8] { ObjectWriter.object(capacity: 512, write) }

    func write(into answer: inout ObjectWriter) {
        answer.field("event_id", event.id.rawValue)
        answer.field("duplicate", isDuplicate)
        answer.field("user_id", event.user.rawValue)
        answer.field("meter", event.content.meter.rawValue)
        answer.field("amount", event.content.amount)
        answer.field("recorded_at", plain: event.recordedAt.writeRFC3339)
        answer.object("breakdown", event.settlement.breakdown.write)
        answer.field("used", event.settlement.used)
        answer.field("limit", event.settlement.limit.quantity)
        answer.field("remaining", event.settlement.remaining)
        answer.array("alerts", event.settlement.alerts) { $1.write(into: &$0) }
        answer.field("counted_in", value: event.countedInJSON)
    }
}

extension Breakdown {
    static let schema = Schema.answer([
        .required("from_subscription", .quantity), .required("from_rollover", .quantity), .required("from_purchased", .quantity),
        .required("overflow_to_debt", .quantity),
    ]).named("Breakdown")

    var json: JSON {
        [
            "from_subscription": fromSubscription.json, "from_rollover": fromRollover.json, "from_purchased": fromPurchased.json,
            "overflow_to_debt": overflowToDebt.json,
        ]
    }

    func write(into answer: inout ObjectWriter) {
        answer.field("from_subscription", fromSubscription)
        answer.field("from_rollover", fromRollover)
        answer.field("from_purchased", fromPurchased)
        answer.field("overflow_to_debt", overflowToDebt)
    }
}

extension ThresholdAlert {
    static let schema = Schema.answer([
        .required("type", .enumeration(["info", "warning", "error"]).named("AlertLevel")), .required("message", .string(1...500)),
        .required("action", .string(1...64)), .required("meter", .identifier), .required("percent", .integer(1...100)),
    ]).named("UsageAlert")

    func write(into answer: inout ObjectWriter) {
        answer.field("type", type.rawValue)
        answer.field("message", message)
        answer.field("action", type.advice)
        answer.field("meter", meter.rawValue)
        answer.field("percent", Int64(percent))
    }
}

extension RecordedEvent {
    static let schema = Schema.answer([
        .required("event_id", .clientID), .required("user_id", .clientID), .required("meter", .identifier),
        .required("amount", .quantity), .required("occurred_at", .time, "When it was recorded, where the client did not say."),
        .required("recorded_at", .time), .required("reference_id", .nullable(.string(0...256))),
        .required("description", .nullable(.string(0...1000))), .required("dimensions", .map(values: .string(0...256))),
        .required("breakdown", Breakdown.schema), .required("used", .quantity), .required("limit", .nullable(.quantity)),
        .required("remaining", .nullable(.quantity)), .required("reservation_id", .nullable(.clientID), "Which hold it committed."),
        .required("voided", .quantity, "What of the amount was taken back."), countedInField,
        .required("details", .any, "What the client kept with it; null where it did not."),
    ]).named("UsageRecord")

    var json: JSON {
        [
            "event_id": id.json, "user_id": user.json, "meter": content.meter.json, "amount": content.amount.json,
            "occurred_at": at.json, "recorded_at": recordedAt.json, "reference_id": content.referenceID.json,
            "description": content.description.json, "dimensions": dimensions, "breakdown": settlement.breakdown.json,
            "used": settlement.used.json, "limit": settlement.limit.json, "remaining": settlement.remaining.json,
            "reservation_id": (commitment?.reservation).json, "voided": voided.json, "counted_in": countedInJSON, "details": details,
        ]
    }

    static let countedInField = Schema.Field.required(
        "counted_in", .nullable(.answer([.required("start", .time), .required("end", .time)]).named("CountedIn")),
        "The period in which it counts, where it happened outside of it, as a late event did; else null.")

    var countedInJSON: JSON { countedIn.map { ["start": $0.start.json, "end": $0.end.json] } ?? .null }

    var details: JSON { content.details.flatMap { try? JSON(parsing: Array($0.utf8)) } ?? .null }

    /// The dimensions in the order of their names.
    var dimensions: JSON {
        .object(JSON.Object(content.dimensions.sorted { $0.key < $1.key }, key: \.key) { $0.value.json })
    }
}
