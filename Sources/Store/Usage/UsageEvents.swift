internal import BSON
package import Metering
internal import Mongo

package struct EventKey: Hashable, Sendable {
    package let account: AccountKey
    package let event: EventID

    package init(account: AccountKey, event: EventID) {
        self.account = account
        self.event = event
    }
}

/// The audit log.
package enum UsageEvents {
    static let schema = CollectionSchema(
        name: "usage_events",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string, "event_id": Property.string]),
            "meter": Property.string, "amount": Property.quantity, "at": Property.time, "recorded_at": Property.time,
            "period_number": Property.quantity,
            "breakdown": Property.object([
                "from_subscription": Property.quantity, "from_rollover": Property.quantity, "from_purchased": Property.quantity,
                "overflow_to_debt": Property.quantity,
            ]),
            "used": Property.quantity, "limit": Property.optionalQuantity, "remaining": Property.optionalQuantity,
        ],
        required: ["_id", "meter", "amount", "at", "recorded_at", "period_number", "breakdown", "used"],
        indexes: [
            // The period at the end, so that a period's events are found in the index alone.
            .init(
                name: "by_user_time_and_period",
                keys: ["_id.shop_id": 1, "_id.user_id": 1, "at": -1, "_id.event_id": -1, "period_number": 1])
        ])

    /// Throws `duplicate` when one of the ids is taken; then the transaction is over.
    package static func insert(_ events: [(tenant: Tenant, event: RecordedEvent)], in transaction: Transaction) throws {
        guard !events.isEmpty else { return }
        try transaction.insert(schema.name, events.map { $0.event.document(of: $0.tenant) })
    }

    /// Those of `keys` that are recorded.
    package static func find(_ keys: [EventKey], _ reading: Reading) throws -> [EventKey: RecordedEvent] {
        guard !keys.isEmpty else { return [:] }
        var found: [EventKey: RecordedEvent] = [:]
        for document in try reading.find(
            schema.name, ["_id": ["$in": .array(keys.map { id($0.event, $0.account.user, $0.account.tenant) })]])
        {
            let event = try RecordedEvent(document)
            let tenant = Tenant(shop: try document.document("_id").id("shop_id"))
            found[EventKey(account: AccountKey(tenant: tenant, user: event.user), event: event.id)] = event
        }
        return found
    }

    /// What a list is narrowed to; times are `[from, to)` and mean when an event happened.
    package struct Filter: Sendable {
        package var from: Timestamp?
        package var to: Timestamp?
        package var meter: Meter?

        package init(from: Timestamp? = nil, to: Timestamp? = nil, meter: Meter? = nil) {
            self.from = from
            self.to = to
            self.meter = meter
        }
    }

    /// Newest first, from behind the event that happened `at` with that id.
    package static func list(
        _ user: UserID, of tenant: Tenant, _ filter: Filter, after: (at: Timestamp, id: EventID)?, limit: Int, _ reading: Reading
    ) throws -> [RecordedEvent] {
        var document: Document = ["_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user)]
        document.keep("at", in: TimeRange(from: filter.from, to: filter.to))
        if let meter = filter.meter { document["meter"] = .id(meter) }
        document.page(after: after, time: "at", id: "_id.event_id")
        return try reading.find(schema.name, document, sort: ["at": -1, "_id.event_id": -1], limit: limit).map { try RecordedEvent($0) }
    }

    fileprivate static func id(_ event: EventID, _ user: UserID, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(user), "event_id": .id(event)]
    }
}

extension RecordedEvent {
    init(_ document: Document) throws {
        let id = try document.document("_id")
        let at = try document.time("at")
        let dimensions = try document.optionalDocument("dimensions") ?? [:]
        self.init(
            id: try id.id("event_id"), user: try id.id("user_id"),
            content: UsageContent(
                meter: try document.id("meter"), amount: try document.int64("amount"),
                occurredAt: try document.optionalTime("occurred_at"), referenceID: try document.optionalString("reference_id"),
                description: try document.optionalString("description"),
                dimensions: Dictionary(
                    dimensions.compactMap { key, value in value.asString.map { (key, $0) } }, uniquingKeysWith: { first, _ in first })),
            at: at, recordedAt: try document.time("recorded_at"), periodNumber: try document.int64("period_number"),
            settlement: try Settlement(document), commitment: try document.optionalDocument("reservation").map { try Commitment($0) })
    }

    func document(of tenant: Tenant) -> Document {
        var document: Document = [
            "_id": UsageEvents.id(id, user, tenant), "meter": .id(content.meter), "amount": .int64(content.amount), "at": .time(at),
            "recorded_at": .time(recordedAt), "period_number": .int64(periodNumber),
        ]
        if let time = content.occurredAt { document.append("occurred_at", .time(time)) }
        if let reference = content.referenceID { document.append("reference_id", .string(reference)) }
        if let description = content.description { document.append("description", .string(description)) }
        if !content.dimensions.isEmpty {
            let sorted = content.dimensions.sorted { $0.key < $1.key }
            document.append("dimensions", .document(sorted.map { ($0.key, .string($0.value)) }))
        }
        for (key, value) in settlement.fields { document.append(key, value) }
        if let commitment { document.append("reservation", .document(commitment.document)) }
        return document
    }
}

extension Breakdown {
    fileprivate init(_ document: Document) throws {
        self.init(
            fromSubscription: try document.int64("from_subscription"), fromRollover: try document.int64("from_rollover"),
            fromPurchased: try document.int64("from_purchased"), overflowToDebt: try document.int64("overflow_to_debt"))
    }
}

extension Settlement {
    fileprivate init(_ document: Document) throws {
        let meter: Meter = try document.id("meter")
        self.init(
            breakdown: try Breakdown(document.document("breakdown")),
            used: try document.int64("used"), limit: try document.limit("limit"), remaining: try document.optionalInt64("remaining"),
            alerts: try (document.optionalArray("alerts") ?? []).compactMap { $0.asInt64 }.map {
                ThresholdAlert(meter: meter, percent: Int($0))
            })
    }

    fileprivate var fields: [(String, Value)] {
        let parts: Document = [
            "from_subscription": .int64(breakdown.fromSubscription), "from_rollover": .int64(breakdown.fromRollover),
            "from_purchased": .int64(breakdown.fromPurchased), "overflow_to_debt": .int64(breakdown.overflowToDebt),
        ]
        let fields: [(String, Value)] = [
            ("breakdown", .document(parts)), ("used", .int64(used)), ("limit", .limit(limit)),
            ("remaining", remaining.map { .int64($0) } ?? .null),
        ]
        return alerts.isEmpty ? fields : fields + [("alerts", .array(alerts.map { .int64(Int64($0.percent)) }))]
    }
}

extension Commitment {
    fileprivate init(_ document: Document) throws {
        self.init(
            reservation: try document.id("reservation_id"), isLate: try document.bool("late"), held: try document.int64("held"))
    }

    fileprivate var document: Document { ["reservation_id": .id(reservation), "late": .bool(isLate), "held": .int64(held)] }
}
