internal import BSON
package import Metering
internal import Mongo

/// The events of Stripe that were received, each with its outcome, so that none is applied twice.
package enum StripeEvents {
    static let schema = CollectionSchema(
        name: "stripe_events",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "event_id": Property.string]), "type": Property.string,
            "created": Property.time, "received_at": Property.time, "user_id": Property.optionalString,
            "outcome": Property.oneOf(StripeOutcome.allCases.map(\.rawValue)), "reason": Property.optionalString,
        ],
        required: ["_id", "type", "created", "received_at", "outcome"],
        indexes: [.init(name: "expiry", keys: ["received_at": 1], expiresAfterSeconds: keptSeconds)])

    /// An event is kept for 90 days. Stripe repeats an event for three days, and by hand for thirty.
    static let keptSeconds: Int64 = 90 * 86_400

    package static func contains(_ id: StripeEventID, of tenant: Tenant, _ reading: Reading) throws -> Bool {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "event_id", id)], projection: ["_id": 1]) != nil
    }

    /// Throws `duplicate` when the event is stored already.
    package static func insert(
        _ event: StripeEvent, _ outcome: StripeOutcome, reason: String?, of tenant: Tenant, receivedAt now: Timestamp,
        in transaction: Transaction
    ) throws {
        let document: Document = [
            "_id": Key.of(tenant, "event_id", event.id), "type": .string(event.type),
            "created": .time(Timestamp(milliseconds: event.created * 1_000)), "received_at": .time(now),
            "user_id": .text(event.user?.rawValue), "outcome": .string(outcome.rawValue), "reason": .text(reason),
        ]
        try transaction.insert(schema.name, [document])
    }
}
