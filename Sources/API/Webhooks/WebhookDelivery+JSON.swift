import JSON
import Metering
import Web

extension WebhookDelivery {
    static let statusSchema = Schema.choice(of: Status.self, named: "DeliveryStatus")

    static let fields: [Schema.Field] = [
        .required("delivery_id", .identifier), .required("endpoint_id", .identifier),
        .required("message_id", .identifier, "The header `webhook-id`: the same however often the message is sent."),
        .required("type", .choice(of: WebhookType.self, named: "MessageType")), .required("user_id", .nullable(.clientID)),
        .required("status", statusSchema, "`pending`: it waits to be sent, for the first time or again."),
        .required("created_at", .time), .required("next_at", .nullable(.time), "When it is sent next; null when it is done."),
        .required("attempts", .quantity, "How often it was sent."), .required("last_attempts", .array(of: WebhookAttempt.schema)),
        .required("note", .nullable(.string(1...500)), "Why it was given up without being sent."),
        .required("body", .string(1...Int.max), "What is sent, as it is signed."),
    ]
    static let schema = Schema.answer(fields).named("WebhookDelivery")
    static let madeSchema = Schema.answer(fields + [.repeated]).named("MadeWebhookDelivery")

    var json: JSON {
        [
            "delivery_id": id.json, "endpoint_id": endpoint.json, "message_id": message.json, "type": type.json, "user_id": user.json,
            "status": .string(status.rawValue), "created_at": createdAt.json, "next_at": nextAt.json, "attempts": count.json,
            "last_attempts": .array(attempts.map(\.json)), "note": note.json, "body": body.json,
        ]
    }
}

extension WebhookAttempt {
    fileprivate static let schema = Schema.answer([
        .required("at", .time), .required("duration_ms", .quantity),
        .required("status", .nullable(.integer(100...999)), "Of the answer; null where there was none."),
        .required("answer", .nullable(.string(0...maximumAnswer)), "The beginning of its body."),
        .required("error", .nullable(.string(1...500)), "Why there was no answer."),
    ]).named("WebhookAttempt")

    fileprivate var json: JSON {
        [
            "at": at.json, "duration_ms": milliseconds.json, "status": status.json, "answer": answer.json, "error": error.json,
        ]
    }
}
