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
        let result = try transaction.update(
            schema.name, ["_id": id(entry.place, tenant)], ["$inc": ["api_calls": .int64(entry.apiCalls)]], upsert: true)
        try ConsumptionMonths.add(entry, of: tenant, in: transaction)
        return result.matched == 0
    }

    fileprivate static func id(_ place: ConsumptionEntry.Place, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(place.user), "date": .day(place.day), "endpoint": .string(place.endpoint)]
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

/// From the last to the first, in the order of `_id`.
extension ConsumptionList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<ConsumptionEntry, ConsumptionEntry.Place> {
        let order = ListOrder<ConsumptionEntry.Place>.descending("_id") { ConsumptionLog.id($0, tenant) }
        return Listing(ConsumptionLog.schema, ConsumptionLog.filter(self, tenant), order) { try ConsumptionEntry($0) }
    }
}

extension ConsumptionLog {
    /// Of the counts of a user, or of the shop, those of the days.
    fileprivate static func filter(_ list: ConsumptionList, _ tenant: Tenant) -> Document {
        guard let user = list.user else {
            var filter = Key.range(of: tenant, then: "user_id")
            var days: Document = [:]
            if let first = list.first { days["$gte"] = .day(first) }
            if let last = list.last { days["$lte"] = .day(last) }
            if !days.isEmpty { filter["_id.date"] = .document(days) }
            return filter
        }
        let ofUser: Document = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        var (low, high) = (ofUser, ofUser)
        low["date"] = list.first.map { .day($0) } ?? ""
        high["date"] = [:]
        return ["_id": ["$gte": .document(low), "$lt": list.last.map { end(of: user, $0, tenant) } ?? .document(high)]]
    }
}

/// By user, day and endpoint.
extension ConsumptionEntry: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<ConsumptionEntry, ConsumptionEntry> {
        let order = ListOrder<ConsumptionEntry>.ascending("_id") { ConsumptionLog.id($0.place, tenant) }
        return Listing(ConsumptionLog.schema, Key.range(of: tenant, then: "user_id"), order) { try ConsumptionEntry($0) }
    }

    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        self.init(
            user: try id.id("user_id"), endpoint: try id.string("endpoint"), day: try id.day("date"),
            apiCalls: try document.int64("api_calls"))
    }
}
