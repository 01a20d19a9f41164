internal import BSON
package import Metering
internal import Mongo

/// The log of closed periods, all of them; an account's `monthly_summary` keeps the last 60.
package enum PeriodCloses {
    static let schema = CollectionSchema(
        name: "period_closes",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string, "period_number": ["bsonType": "long"]]),
            "summary": ["bsonType": "object"], "balances": ["bsonType": "array"],
            "daily_usage": ["bsonType": "array"], "billed": Property.amount,
        ],
        required: ["_id", "summary", "balances", "daily_usage"])

    /// Inserts the periods that the changes closed. Throws `duplicate` when a period of that number is stored already.
    static func insert(_ changes: [AccountChange], in transaction: Transaction) throws {
        let documents = try changes.flatMap { change in
            try change.after.closed.map { try $0.document(of: change.after.user, change.tenant) }
        }
        guard !documents.isEmpty else { return }
        try transaction.insert(schema.name, documents)
    }

    /// What each of the users used on the day in periods that are closed. `users` are in the order of their ids.
    package static func usage(on day: CivilDay, by users: [UserID], of tenant: Tenant, _ reading: Reading) throws -> [UserID: Totals] {
        guard let first = users.first, let last = users.last else { return [:] }
        let low: Document = ["shop_id": .id(tenant.shop), "user_id": .id(first)]
        let high: Document = ["shop_id": .id(tenant.shop), "user_id": .id(last), "period_number": .string(Key.top)]
        let filter: Document = [
            "_id": ["$gt": .document(low), "$lt": .document(high)], "summary.period_end": ["$gt": .time(day.start)],
            "daily_usage.date": .day(day),
        ]
        var used: [UserID: Totals] = [:]
        for document in try reading.find(schema.name, filter) {
            let user: UserID = try document.document("_id").id("user_id")
            for days in try ClosedPeriod(document).days where days.day == day { used[user, default: Totals()].add(days.totals) }
        }
        return used
    }

    /// All closed periods of the user, in order.
    package static func all(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> [ClosedPeriod] {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        // In BSON every number is below a string.
        let high: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": ""]
        return try reading.find(schema.name, ["_id": ["$gt": low, "$lt": high]], sort: ["_id": 1]).map { try ClosedPeriod($0) }
    }

    /// Stores closed periods in the place of those of their numbers, and those that were not there. The account is saved in the same transaction.
    package static func replace(_ closes: [ClosedPeriod], of user: UserID, in tenant: Tenant, _ transaction: Transaction) throws {
        guard !closes.isEmpty else { return }
        let writes = try closes.map { close in
            let document = try close.document(of: user, tenant)
            return BulkWrite.replaceOne(filter: ["_id": document["_id"] ?? .null], replacement: document, upsert: true)
        }
        _ = try transaction.bulk(schema.name, writes)
    }

    /// The user's closed periods that end after the time, in order.
    package static func ending(after time: Timestamp, of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> [ClosedPeriod] {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        // In BSON every number is below a string.
        let high: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": ""]
        let filter: Document = ["_id": ["$gt": low, "$lt": high], "summary.period_end": ["$gt": .time(time)]]
        return try reading.find(schema.name, filter, sort: ["_id": 1]).map { try ClosedPeriod($0) }
    }

    /// The user's closed periods that overlap the month, in order.
    package static func overlapping(
        _ month: CivilMonth, of user: UserID, in tenant: Tenant, _ reading: Reading
    ) throws -> [ClosedPeriod] {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        // In BSON every number is below a string.
        let high: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": ""]
        // `$gte`: a period that was reset in the month's first instant ends then, and its last day is the month's first.
        let filter: Document = [
            "_id": ["$gt": low, "$lt": high], "summary.period_end": ["$gte": .time(month.period.start)],
            "summary.period_start": ["$lt": .time(month.period.end)],
        ]
        return try reading.find(schema.name, filter, sort: ["_id": 1]).map { try ClosedPeriod($0) }
    }
}

extension ClosedPeriod {
    init(_ document: Document) throws {
        self.init(
            number: try document.document("_id").int64("period_number"), summary: try PeriodSummary(document.document("summary")),
            balances: try document.documents("balances").map { try MeterBalance($0) },
            days: try document.documents("daily_usage").map { try DailyUsage($0) },
            charged: try document.optionalMoney("billed") ?? .zero)
    }

    fileprivate func document(of user: UserID, _ tenant: Tenant) throws -> Document {
        [
            "_id": ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": .int64(number)],
            "summary": .document(summary.document), "balances": .array(balances.map { .document($0.document) }),
            "daily_usage": .array(days.map { .document($0.document) }), "billed": try .money(charged),
        ]
    }
}
