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

    /// Adds the entry's calls to the count of its user, day and endpoint. Returns whether there was no such count.
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

    /// The user's calls of all endpoints in the month; `Quantity.largest` when the sum passes it.
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
