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

/// The log of every recorded event. Between its events it has the steps of accounts, which are no events, and no list has them. A step, and of events at
/// least each sixteenth, keeps its account's state after it (`PastAccounts.swift`).
package enum UsageEvents {
    static let schema = CollectionSchema(
        name: "usage_events",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string]), "sequence": Property.quantity,
            "meter": Property.string, "amount": Property.quantity, "at": Property.time, "recorded_at": Property.time,
            "period_number": Property.quantity,
            "breakdown": Breakdown.property,
            "used": Property.quantity, "limit": Property.optionalQuantity, "remaining": Property.optionalQuantity,
            "voided": Property.quantity, "voided_in_period": Property.quantity, "details": Property.string,
            "counted_in": Property.object(["start": Property.time, "end": Property.time]),
            "account": ["bsonType": "object"], "subscription": ["bsonType": ["object", "null"]],
        ],
        required: ["_id", "meter", "amount", "at", "recorded_at", "period_number", "breakdown", "used"],
        orRequired: ["_id", "sequence", "step"],
        indexes: [
            // The period at the end, so that a period's events are found in the index alone.
            .init(
                name: "by_user_time_and_period",
                keys: ["_id.shop_id": 1, "_id.user_id": 1, "at": -1, "_id.event_id": -1, "period_number": 1]),
            .init(
                name: "by_reference", keys: ["_id.shop_id": 1, "reference_id": 1, "at": -1, "_id.user_id": -1, "_id.event_id": -1],
                filter: ["reference_id": ["$exists": true]]),
            .init(
                name: "late", keys: ["_id.shop_id": 1, "_id.user_id": 1, "at": 1], filter: ["counted_in.start": ["$exists": true]]),
            .init(
                name: bySequence, keys: ["_id.shop_id": 1, "_id.user_id": 1, "sequence": 1], isUnique: true,
                filter: ["sequence": ["$exists": true]]),
            .init(
                name: withTerms, keys: ["_id.shop_id": 1, "_id.user_id": 1, "sequence": 1], filter: ["subscription": ["$exists": true]]),
        ])

    /// The fence of an account's log: each of its numbers is taken once.
    static let bySequence = "by_sequence"

    /// The entries that keep what the live subscription was.
    static let withTerms = "with_terms"

    /// Matches events, and no steps.
    static let isEvent: (field: String, value: Value) = ("meter", ["$exists": true])

    /// `accounts`: those whose states after the last of their events are kept with it. Throws `duplicate` when one of the ids is taken; then the
    /// transaction is over.
    package static func insert(
        _ events: [(tenant: Tenant, event: RecordedEvent)], keeping accounts: [AccountKey: Account] = [:], in transaction: Transaction
    ) throws {
        guard !events.isEmpty else { return }
        let documents = try events.map { tenant, event in
            var document = event.document(of: tenant)
            if !accounts.isEmpty, let account = accounts[AccountKey(tenant: tenant, user: event.user)], account.version == event.sequence {
                document.append("account", .document(try account.state))
            }
            return document
        }
        try transaction.insert(schema.name, documents)
    }

    /// Inserts the steps among the changes. Throws `conflict` when a number is taken; then the transaction is over.
    static func insertSteps(of changes: [AccountChange], in transaction: Transaction) throws {
        let steps = try changes.compactMap { change in try change.step.map { try change.entry(of: $0) } }
        guard !steps.isEmpty else { return }
        do {
            try transaction.insert(schema.name, steps)
        } catch {
            guard error.kind == .duplicateKey else { throw error as any Error }
            throw StoreError(.conflict, "An account moved since it was read.")
        }
    }

    static func id(ofStep number: Int64, of user: UserID, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(user), "sequence": .int64(number)]
    }

    /// The live subscription as an entry keeps it: without its history, and without its user, who may be erased.
    static func terms(of subscription: Subscription?, _ tenant: Tenant) throws -> Value {
        guard var terms = try subscription.flatMap({ $0.isLive ? try $0.document(of: tenant) : nil }) else { return .null }
        (terms["shop_id"], terms["user_id"], terms["plan_history"]) = (nil, nil, [])
        return .document(terms)
    }

    /// The recorded events of those keys; a key that is not recorded is left out.
    package static func find(_ keys: [EventKey], _ reading: Reading) throws -> [EventKey: RecordedEvent] {
        try schema.find(keys.map { id($0.event, $0.account.user, $0.account.tenant) }, reading) { tenant, document in
            let event = try RecordedEvent(document)
            return (EventKey(account: AccountKey(tenant: tenant, user: event.user), event: event.id), event)
        }
    }

    /// Notes what of the event is void now. Throws `conflict` when that is not as it was read.
    package static func note(_ void: EventVoid, of event: RecordedEvent, in tenant: Tenant, _ transaction: Transaction) throws {
        let inPeriod = event.voidedInPeriod + (void.eventPeriod == void.periodNumber ? void.amount : 0)
        let before: Value = event.voided == 0 ? .null : .int64(event.voided)
        let result = try transaction.update(
            schema.name, ["_id": id(event.id, event.user, tenant), "voided": before],
            ["$set": ["voided": .int64(void.voided), "voided_in_period": .int64(inPeriod)]])
        guard result.matched == 1 else { throw StoreError(.conflict, "An event was voided since it was read.") }
    }

    /// The largest query beside the event: of those that count on its day in the account's present period, or with no account of all.
    package static func peak(
        beside event: RecordedEvent, onItsDayOf account: Account? = nil, in tenant: Tenant, _ reading: Reading
    ) throws -> Quantity {
        var filter: Document = [
            "_id.shop_id": .id(tenant.shop), "_id.user_id": .id(event.user), "_id.event_id": ["$ne": .id(event.id)],
            "meter": .id(Meter.tokens),
        ]
        if let account {
            filter["period_number"] = .int64(account.periodNumber)
            let (day, period) = (account.countingDay(of: event.at), account.period)
            let ofDay: Document = [
                "at": ["$gte": .time(max(day.start, period.start)), "$lt": .time(CivilDay(number: day.number + 1).start)]
            ]
            let outside: [Value] = [["at": ["$lt": .time(period.start)]], ["at": ["$gte": .time(period.end)]]]
            filter["$or"] = .array([.document(ofDay)] + (day == period.start.day ? outside : []))
        }
        let group: Document = ["_id": .null, "peak": ["$max": EventAmount.kept]]
        return try reading.aggregate(schema.name, [["$match": .document(filter)], ["$group": .document(group)]]).first?.int64("peak") ?? 0
    }

    /// The tokens by which a month by the times of events differs from one by the days on which they counted: those of late events that happened in the
    /// month and counted after it, less those that counted in it and happened before.
    package static func lateTokens(of user: UserID, in month: CivilMonth, _ tenant: Tenant, _ reading: Reading) throws -> Int128 {
        let (start, end) = (Value.time(month.period.start), Value.time(month.period.end))
        // A late event is 35 days back at most, and one before its time some minutes ahead.
        let filter: Document = [
            "_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user), "counted_in.start": ["$exists": true], "meter": .id(Meter.tokens),
            "at": ["$gte": .time(month.period.start.adding(days: -40)), "$lt": .time(month.period.end.adding(days: 1))],
        ]
        func isWithin(_ time: Value) -> Value { ["$and": [["$gte": [time, start]], ["$lt": [time, end]]]] }
        func sum(_ condition: Value) -> Value { ["$sum": ["$cond": [condition, EventAmount.counted, .int64(0)]]] }
        let group: Document = ["_id": .null, "happened": sum(isWithin("$at")), "counted": sum(isWithin("$counted_in.start"))]
        guard let row = try reading.aggregate(schema.name, [["$match": .document(filter)], ["$group": .document(group)]]).first else {
            return 0
        }
        return Int128(try row.int64("happened")) - Int128(try row.int64("counted"))
    }

    fileprivate static func id(_ event: EventID, _ user: UserID, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(user), "event_id": .id(event)]
    }
}

extension EventList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<RecordedEvent, TimedKey<EventID>> {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user)]
        filter.keep("at", in: range.ofEvents)
        if let meter { filter["meter"] = .id(meter) }
        return Listing(UsageEvents.schema, filter, .newestFirst("at", then: "_id.event_id")) { try RecordedEvent($0) }
    }
}

extension ReferenceList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<RecordedEvent, EventPlace> {
        let order = ListOrder<EventPlace>(sort: ["at": -1, "_id.user_id": -1, "_id.event_id": -1]) { filter, key in
            let (at, user) = (Value.time(key.at), Value.id(key.user))
            filter["$or"] = [
                ["at": ["$lt": at]], ["at": at, "_id.user_id": ["$lt": user]],
                ["at": at, "_id.user_id": user, "_id.event_id": ["$lt": .id(key.event)]],
            ]
        }
        return Listing(UsageEvents.schema, ["_id.shop_id": .id(tenant.shop), "reference_id": .string(reference)], order) {
            try RecordedEvent($0)
        }
    }
}

/// By user and id.
extension UsageEvents {
    /// The bounds of `dimensionNames`.
    private static let (looked, named): (Int64, Int64) = (100_000, 200)

    /// The names of dimensions in the shop's first events by user and id, in order.
    package static func dimensionNames(of tenant: Tenant, _ reading: Reading) throws -> [String] {
        let pipeline: [Document] = [
            ["$match": .document(Key.range(of: tenant, then: "user_id"))], ["$limit": .int64(looked)],
            ["$project": ["_id": 0, "pairs": ["$objectToArray": "$dimensions"]]], ["$unwind": "$pairs"],
            ["$group": ["_id": "$pairs.k"]], ["$sort": ["_id": 1]], ["$limit": .int64(named)],
        ]
        return try reading.aggregate(schema.name, pipeline).map { try $0.string("_id") }
    }
}

extension RecordedEvent: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<RecordedEvent, RecordedEvent> {
        let order = ListOrder<RecordedEvent>.ascending("_id") { UsageEvents.id($0.id, $0.user, tenant) }
        var filter = Key.range(of: tenant, then: "user_id")
        filter[UsageEvents.isEvent.field] = UsageEvents.isEvent.value
        return Listing(UsageEvents.schema, filter, order) { try RecordedEvent($0) }
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
                    try dimensions.map { ($0.key, try dimensions.string($0.key)) }, uniquingKeysWith: { first, _ in first }),
                details: try document.optionalString("details")),
            at: at, recordedAt: try document.time("recorded_at"), periodNumber: try document.int64("period_number"),
            countedIn: try document.optionalDocument("counted_in").map { Period(start: try $0.time("start"), end: try $0.time("end")) },
            settlement: try Settlement(document), commitment: try document.optionalDocument("reservation").map { try Commitment($0) },
            voided: try document.optionalInt64("voided") ?? 0, voidedInPeriod: try document.optionalInt64("voided_in_period") ?? 0,
            sequence: try document.optionalInt64("sequence"))
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
        if let details = content.details { document.append("details", .string(details)) }
        if let period = countedIn { document.append("counted_in", ["start": .time(period.start), "end": .time(period.end)]) }
        for (key, value) in settlement.fields { document.append(key, value) }
        if let commitment { document.append("reservation", .document(commitment.document)) }
        if let sequence { document.append("sequence", .int64(sequence)) }
        return document
    }
}

extension AccountChange {
    /// The step's entry of the account's log.
    fileprivate func entry(of step: AccountStep) throws -> Document {
        var entry: Document = [
            "_id": UsageEvents.id(ofStep: version, of: after.user, tenant), "sequence": .int64(version), "step": true,
            "account": .document(try after.state),
        ]
        if let time = after.loggedAt { entry.append("recorded_at", .time(time)) }
        if case .terms(let subscription) = step { entry.append("subscription", try UsageEvents.terms(of: subscription, tenant)) }
        return entry
    }
}

/// What counts of an event, in the server's expressions.
enum EventAmount {
    /// What is no number, as somebody has written it there, counts nothing.
    private static let amount: Value = ["$cond": [["$isNumber": "$amount"], "$amount", .int64(0)]]
    private static let voided: Value = ["$ifNull": ["$voided", .int64(0)]]
    private static let voidedInPeriod: Value = ["$ifNull": ["$voided_in_period", .int64(0)]]

    /// The part that is not void, and 1 unless all of it is.
    static let kept: Value = ["$subtract": [amount, voided]]
    static let keptCount: Value = count(voided)
    /// The part that was not void when the event's period ended, or is not now; and 1 unless all of it was.
    static let counted: Value = ["$subtract": [amount, voidedInPeriod]]
    static let countedCount: Value = count(voidedInPeriod)

    private static func count(_ voided: Value) -> Value {
        ["$cond": [["$and": [["$gt": [voided, .int64(0)]], ["$eq": ["$amount", voided]]]], .int64(0), .int64(1)]]
    }
}

extension TimeRange {
    /// The same with a beginning in any case: without one, a bound on the time would not leave out the steps, which have none.
    var ofEvents: TimeRange { TimeRange(from: from ?? Timestamp(milliseconds: .min), to: to) }
}

extension Breakdown {
    static let property = Property.object([
        "from_subscription": Property.quantity, "from_rollover": Property.quantity, "from_purchased": Property.quantity,
        "overflow_to_debt": Property.quantity,
    ])

    init(_ document: Document) throws {
        self.init(
            fromSubscription: try document.int64("from_subscription"), fromRollover: try document.int64("from_rollover"),
            fromPurchased: try document.int64("from_purchased"), overflowToDebt: try document.int64("overflow_to_debt"))
    }

    var document: Document {
        [
            "from_subscription": .int64(fromSubscription), "from_rollover": .int64(fromRollover),
            "from_purchased": .int64(fromPurchased), "overflow_to_debt": .int64(overflowToDebt),
        ]
    }
}

extension Settlement {
    fileprivate init(_ document: Document) throws {
        let meter: Meter = try document.id("meter")
        self.init(
            breakdown: try Breakdown(document.document("breakdown")),
            used: try document.int64("used"), limit: try document.limit("limit"), remaining: try document.optionalInt64("remaining"),
            alerts: try document.optionalInt64s("alerts").map { ThresholdAlert(meter: meter, percent: Int($0)) })
    }

    fileprivate var fields: [(String, Value)] {
        let fields: [(String, Value)] = [
            ("breakdown", .document(breakdown.document)), ("used", .int64(used)), ("limit", .limit(limit)),
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
