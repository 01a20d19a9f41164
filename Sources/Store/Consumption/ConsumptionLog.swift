internal import BSON
package import Metering
internal import Mongo

/// How often users called a shop's endpoints: one count for each user, day (UTC) and endpoint.
package enum ConsumptionLog {
    static let schema = CollectionSchema(
        name: "consumption_log",
        properties: [
            "_id": Property.object([
                "shop_id": Property.string, "user_id": Property.string, "date": Property.string, "endpoint": Property.string,
            ]), "api_calls": Property.quantity,
        ],
        required: ["_id", "api_calls"])

    /// Adds the entry's calls to the count of its user, day and endpoint, and to its month's. Returns whether there was no such count.
    package static func add(_ entry: ConsumptionEntry, of tenant: Tenant, in transaction: Transaction) throws -> Bool {
        let id: Value = [
            "shop_id": .id(tenant.shop), "user_id": .id(entry.user), "date": .day(entry.day), "endpoint": .string(entry.endpoint),
        ]
        let result = try transaction.update(
            schema.name, ["_id": id], ["$inc": ["api_calls": .int64(entry.apiCalls)]], upsert: true)
        try ConsumptionMonths.add(entry, of: tenant, in: transaction)
        return result.matched == 0
    }

    /// How many endpoints the user called on the day.
    package static func endpoints(of user: UserID, on day: CivilDay, in tenant: Tenant, _ reading: Reading) throws -> Int {
        let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(user), "date": .day(day)]
        return try reading.count(schema.name, ["_id": ["$gt": low, "$lt": end(of: user, day, tenant)]])
    }

    /// Above the `_id`s of the user's counts until the day's end. In BSON every string is below an object.
    static func end(of user: UserID, _ day: CivilDay, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(user), "date": .day(day), "endpoint": [:]]
    }
}
