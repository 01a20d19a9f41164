internal import BSON
package import Metering
internal import Mongo

/// Each shop's usage and numbers of each day (UTC), kept when the day is over.
package enum AnalyticsDays {
    static let schema = CollectionSchema(
        name: "analytics_daily",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "date": Property.string]), "tokens": Property.quantity,
            "queries": Property.quantity, "active_users": ["bsonType": "long"], "shop": ["bsonType": "object"],
        ],
        required: ["_id", "tokens", "queries", "active_users", "shop"])

    /// Throws `duplicate` when the day is stored already.
    package static func insert(_ day: AnalyticsDay, of tenant: Tenant, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [try day.document(of: tenant)])
    }

    /// The last day that is stored.
    package static func last(of tenant: Tenant, _ reading: Reading) throws -> CivilDay? {
        try reading.findOne(schema.name, Key.range(of: tenant, then: "date"), sort: ["_id": -1], projection: ["_id": 1])
            .map { try $0.document("_id").day("date") }
    }

    fileprivate static func id(_ tenant: Tenant, _ date: String) -> Value { ["shop_id": .id(tenant.shop), "date": .string(date)] }
}

extension AnalyticsDayList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<AnalyticsDay, CivilDay> {
        var bounds: Document = ["$gt": AnalyticsDays.id(tenant, ""), "$lte": AnalyticsDays.id(tenant, to?.iso ?? "9999-12-31")]
        if let from { bounds["$gte"] = AnalyticsDays.id(tenant, from.iso) }
        let order = ListOrder<CivilDay>.ascending("_id") { AnalyticsDays.id(tenant, $0.iso) }
        return Listing(AnalyticsDays.schema, ["_id": .document(bounds)], order) { try AnalyticsDay($0) }
    }
}

extension AnalyticsDay {
    fileprivate init(_ document: Document) throws {
        self.init(
            day: try document.document("_id").day("date"),
            totals: Totals(
                tokens: try document.int64("tokens"), queries: try document.int64("queries"), peak: try document.int64("peak_tokens")),
            activeUsers: Int(try document.int64("active_users")), shop: try ShopAnalytics(document.document("shop")))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        [
            "_id": AnalyticsDays.id(tenant, day.iso), "tokens": .int64(totals.shownTokens), "queries": .int64(totals.queries),
            "peak_tokens": .int64(totals.peak), "active_users": .int64(Int64(activeUsers)), "shop": .document(try shop.document),
        ]
    }
}

extension ShopAnalytics {
    fileprivate init(_ document: Document) throws {
        self.init()
        for row in try document.documents("by_plan") { byPlan[try row.id("plan_name")] = Int(try row.int64("count")) }
        for row in try document.documents("by_status") { byStatus[try row.value("status")] = Int(try row.int64("count")) }
        for row in try document.documents("revenue") { revenue[Currency(stored: try row.string("currency"))] = try row.money("amount") }
        (tokens, queries) = (try document.int64("tokens"), try document.int64("queries"))
        (users, over80) = (Int(try document.int64("users")), Int(try document.int64("users_over_80")))
        (over100, forecastToExceed) = (Int(try document.int64("users_over_100")), Int(try document.int64("forecast_to_exceed")))
    }

    /// The counts and sums; the lists of users are not stored.
    fileprivate var document: Document {
        get throws {
            let plans = byPlan.sorted { $0.key.rawValue < $1.key.rawValue }
            let statuses = byStatus.sorted { $0.key.rawValue < $1.key.rawValue }
            let currencies = revenue.sorted { $0.key.code < $1.key.code }
            return [
                "by_plan": .array(plans.map { ["plan_name": .id($0.key), "count": .int64(Int64($0.value))] }),
                "by_status": .array(statuses.map { ["status": .string($0.key.rawValue), "count": .int64(Int64($0.value))] }),
                "revenue": .array(try currencies.map { ["currency": .string($0.key.code), "amount": try .money($0.value)] }),
                "tokens": .int64(tokens), "queries": .int64(queries), "users": .int64(Int64(users)),
                "users_over_80": .int64(Int64(over80)), "users_over_100": .int64(Int64(over100)),
                "forecast_to_exceed": .int64(Int64(forecastToExceed)),
            ]
        }
    }
}
