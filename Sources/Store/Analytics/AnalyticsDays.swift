internal import BSON
package import Metering
internal import Mongo

/// Each shop's numbers at the end of each day.
package enum AnalyticsDays {
    static let schema = CollectionSchema(
        name: "analytics_daily",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "date": Property.string]), "tokens": Property.quantity,
            "queries": Property.quantity, "active_users": ["bsonType": "long"], "shop": ["bsonType": "object"],
        ],
        required: ["_id", "tokens", "queries", "active_users", "shop"])

    /// Throws `duplicate` when the day is there.
    package static func insert(_ day: AnalyticsDay, of tenant: Tenant, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [try day.document(of: tenant)])
    }

    package static func last(of tenant: Tenant, _ reading: Reading) throws -> CivilDay? {
        try reading.findOne(schema.name, Key.range(of: tenant, then: "date"), sort: ["_id": -1], projection: ["_id": 1])
            .map { try $0.document("_id").day("date") }
    }

    /// In order, of `[from, to]`, after `day`.
    package static func list(
        of tenant: Tenant, from: CivilDay?, to: CivilDay?, after day: CivilDay?, limit: Int, _ reading: Reading
    ) throws -> [AnalyticsDay] {
        var bounds: Document = ["$gt": id(tenant, day?.iso ?? ""), "$lte": id(tenant, to?.iso ?? "9999-12-31")]
        if let from { bounds["$gte"] = id(tenant, from.iso) }
        return try reading.find(schema.name, ["_id": .document(bounds)], sort: ["_id": 1], limit: limit).map { try AnalyticsDay($0) }
    }

    fileprivate static func id(_ tenant: Tenant, _ date: String) -> Value { ["shop_id": .id(tenant.shop), "date": .string(date)] }
}

extension PeriodCloses {
    /// What these users, who are in order, used on the day in periods that are closed.
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
            "_id": AnalyticsDays.id(tenant, day.iso), "tokens": .int64(totals.tokens), "queries": .int64(totals.queries),
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

    /// Without the lists of users.
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
