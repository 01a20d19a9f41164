import JSON
import Metering
import Service
import Web

extension UsageAnswer {
    static let fields: [Schema.Field] = [
        .required("event_id", .identifier), .required("duplicate", .boolean, "True: this is the first answer to the same event."),
        .required("user_id", .identifier), .required("meter", .identifier), .required("amount", .quantity),
        .required("recorded_at", .time), .required("breakdown", Breakdown.schema),
        .required("used", .quantity, "Of the period's allowance, after the event."), .required("limit", .nullable(.quantity)),
        .required("remaining", .nullable(.quantity)),
        .required("alerts", .array(of: ThresholdAlert.schema), "Percentages of the allowance that the event crossed."),
    ]
    static let schema = Schema.answer(fields).named("RecordedUsage")

    var object: JSON.Object {
        JSON.Object([
            "event_id": event.id.json, "duplicate": isDuplicate.json, "user_id": event.user.json, "meter": event.content.meter.json,
            "amount": event.content.amount.json, "recorded_at": event.recordedAt.json, "breakdown": event.settlement.breakdown.json,
            "used": event.settlement.used.json, "limit": event.settlement.limit.json, "remaining": event.settlement.remaining.json,
            "alerts": .array(event.settlement.alerts.map(\.json)),
        ])
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
}

extension ThresholdAlert {
    static let schema = Schema.answer([
        .required("type", .enumeration(["info", "warning", "error"])), .required("message", .string(1...500)),
        .required("action", .string(1...64)), .required("meter", .identifier), .required("percent", .integer(1...100)),
    ]).named("UsageAlert")

    var json: JSON {
        [
            "type": .string(type.rawValue), "message": message.json, "action": type.advice.json, "meter": meter.json,
            "percent": percent.json,
        ]
    }
}
