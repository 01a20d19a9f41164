internal import BSON
package import Metering
internal import Mongo

/// How often users called a shop's endpoints: one count for each user, day and endpoint.
package enum ConsumptionLog {
    static let schema = CollectionSchema(
        name: "consumption_log",
        properties: [
            "_id": Property.object([
                "shop_id": Property.string, "user_id": Property.string, "date": Property.string, "endpoint": Property.string,
            ]), "api_calls": Property.quantity,
        ],
        required: ["_id", "api_calls"])

    /// The most endpoints of a user on a day. A month's sum reads every count of the month, so that a client that puts ids into its paths
    /// must not make it long.
    package static let maximumEndpoints = 200

    /// Adds to the count of the entry's user, day and endpoint. Returns whether it is a new one.
    package static func add(_ entry: ConsumptionEntry, of tenant: Tenant, in transaction: Transaction) throws -> Bool {
        let id: Value = [
            "shop_id": .id(tenant.shop), "user_id": .id(entry.user), "date": .day(entry.day), "endpoint": .string(entry.endpoint),
        ]
        let result = try transaction.update(
            schema.name, ["_id": id], ["$inc": ["api_calls": .int64(entry.apiCalls)]], upsert: true)
        return result.matched == 0
    }

    /// How many endpoints the user called on the day.
    package static func endpoints(of user: UserID, on day: CivilDay, in tenant: Tenant, _ reading: Reading) throws -> Int {
        try reading.count(schema.name, filter(user, day, day, tenant))
    }

    /// All calls of the user in the month; `Quantity.largest` where the sum passes it.
    package static func total(of user: UserID, in month: CivilMonth, of tenant: Tenant, _ reading: Reading) throws -> Quantity {
        let pipeline: [Document] = [
            ["$match": .document(filter(user, month.first, month.last, tenant))],
            ["$group": ["_id": .null, "api_calls": ["$sum": "$api_calls"]]],
        ]
        return try reading.aggregate(schema.name, pipeline).first?.sum("api_calls") ?? 0
    }

    /// The user's counts of `[from, to]`: a range of the `_id` index.
    private static func filter(_ user: UserID, _ from: CivilDay, _ to: CivilDay, _ tenant: Tenant) -> Document {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "date": .day(from)]
        // In BSON every string is below an object.
        let high: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "date": .day(to), "endpoint": [:]]
        return ["_id": ["$gt": low, "$lt": high]]
    }
}

extension PeriodCloses {
    /// The days of the user's closed periods that have a part of the month.
    package static func days(of user: UserID, in month: CivilMonth, of tenant: Tenant, _ reading: Reading) throws -> [DailyUsage] {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        // In BSON every number is below a string.
        let high: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": ""]
        // One that was reset in the month's first instant has a day of it, and ends there.
        let filter: Document = [
            "_id": ["$gt": low, "$lt": high], "summary.period_end": ["$gte": .time(month.period.start)],
            "summary.period_start": ["$lt": .time(month.period.end)],
        ]
        return try reading.find(schema.name, filter, projection: ["daily_usage": 1]).flatMap { document in
            try document.documents("daily_usage").map { try DailyUsage($0) }
        }
    }
}
