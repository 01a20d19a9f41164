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
            "subscription_id": Property.optionalString,
            "outcome": Property.oneOf(StripeOutcome.allCases.map(\.rawValue)), "reason": Property.optionalString,
        ],
        required: ["_id", "type", "created", "received_at", "outcome"],
        indexes: [
            .init(name: "expiry", keys: ["received_at": 1], expiresAfterSeconds: keptSeconds),
            .init(name: "newest", keys: ["_id.shop_id": 1, "received_at": -1, "_id.event_id": -1]),
        ])

    /// An event is kept for 90 days. Stripe repeats an event for three days, and by hand for thirty.
    static let keptSeconds: Int64 = 90 * 86_400

    package static func contains(_ id: StripeEventID, of tenant: Tenant, _ reading: Reading) throws -> Bool {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "event_id", id)], projection: ["_id": 1]) != nil
    }

    /// Throws `duplicate` when the event is stored already.
    package static func insert(_ event: ReceivedStripeEvent, of tenant: Tenant, in transaction: Transaction) throws {
        let document: Document = [
            "_id": Key.of(tenant, "event_id", event.id), "type": .string(event.type), "created": .time(event.createdAt),
            "received_at": .time(event.receivedAt), "user_id": .text(event.user?.rawValue),
            "subscription_id": .text(event.subscription?.rawValue), "outcome": .string(event.outcome.rawValue),
            "reason": .text(event.reason),
        ]
        try transaction.insert(schema.name, [document])
    }
}

extension StripeEventList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<ReceivedStripeEvent, TimedKey<StripeEventID>> {
        var filter = tenant.documents(about: user)
        if let outcome { filter["outcome"] = .string(outcome.rawValue) }
        return Listing(StripeEvents.schema, filter, .newestFirst("received_at", then: "_id.event_id")) { try ReceivedStripeEvent($0) }
    }
}

extension ReceivedStripeEvent {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("event_id"), type: try document.string("type"), createdAt: try document.time("created"),
            receivedAt: try document.time("received_at"), user: try document.optionalString("user_id").map { UserID(stored: $0) },
            subscription: try document.optionalString("subscription_id").map { StripeSubscriptionID(stored: $0) },
            outcome: try document.value("outcome"), reason: try document.optionalString("reason"))
    }
}

/// What is known of subscriptions at Stripe: whose each is, and what it sells. So that an event is understood that names no user, as another event,
/// of a checkout, named the user.
package enum StripeSubscriptions {
    static let schema = CollectionSchema(
        name: "stripe_subscriptions",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "subscription_id": Property.string]), "user_id": Property.optionalString,
            "price": Property.optionalString, "lookup_key": Property.optionalString, "plan_name": Property.optionalString,
            "billing_cycle": Property.optionalString,
        ],
        required: ["_id"])

    package struct Known: Sendable {
        package let user: UserID?
        package let offer: StripeOffer?
    }

    package static func find(_ id: StripeSubscriptionID, of tenant: Tenant, _ reading: Reading) throws -> Known? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "subscription_id", id)]).map { document in
            let offer = StripeOffer(
                price: try document.optionalString("price"), lookupKey: try document.optionalString("lookup_key"),
                planName: try document.optionalString("plan_name").map { PlanName(stored: $0) },
                cycle: try document.optionalString("billing_cycle").flatMap { BillingCycle($0) })
            return Known(user: try document.optionalString("user_id").map { UserID(stored: $0) }, offer: offer)
        }
    }

    /// Adds what an event says, and leaves what it does not say.
    package static func note(
        _ id: StripeSubscriptionID, user: UserID?, _ offer: StripeOffer?, of tenant: Tenant, in transaction: Transaction
    ) throws {
        let facts: [(String, String?)] = [
            ("user_id", user?.rawValue), ("price", offer?.price), ("lookup_key", offer?.lookupKey),
            ("plan_name", offer?.planName?.rawValue),
            ("billing_cycle", offer?.cycle?.text),
        ]
        let fields = Document(facts.compactMap { name, value in value.map { (name, .string($0)) } })
        guard !fields.isEmpty else { return }
        _ = try transaction.update(
            schema.name, ["_id": Key.of(tenant, "subscription_id", id)], ["$set": .document(fields)], upsert: true)
    }
}
