internal import BSON
package import Metering
internal import Mongo

/// Something of a shop that falls due by the shop's time.
package enum DueWork: CaseIterable, Sendable {
    /// Periods of accounts, holds, invoices, months of quotas.
    case periods, holds, invoices, quotas
    /// Days whose numbers are not kept.
    case days
}

/// What falls due is looked for in many shops by one command: in each the server looks at the first entry of an index.
extension Shops {
    /// The shops in the order of their ids, after `id`, each with whether any of the works is due there: by the system's time `now`, in a test shop by its
    /// clock's.
    package static func due(
        _ works: [DueWork], at now: Timestamp, after id: ShopID?, limit: Int, _ reading: Reading
    ) throws -> [(tenant: Tenant, isDue: Bool)] {
        let time: Value = ["$cond": [["$eq": [["$type": "$now"], "date"]], "$now", .time(now)]]
        var pipeline: [Document] = [
            ["$match": .document(following(id))], ["$sort": ["_id": 1]], ["$limit": .int64(Int64(limit))],
            ["$project": ["now": time, "yesterday": .day(ofTime: time, daysBack: 1)]],
        ]
        pipeline += works.map(\.lookUp)
        let isDue: [Value] = works.map { [$0.isKept ? "$eq" : "$ne": [.string("$\($0)"), []]] }
        pipeline.append(["$project": ["due": ["$or": .array(isDue)]]])
        return try reading.aggregate(schema.name, pipeline).map { (Tenant(shop: try $0.id("_id")), try $0.bool("due")) }
    }
}

extension DueWork {
    /// Whether what is found says that nothing is due.
    fileprivate var isKept: Bool { self == .days }

    /// A stage that puts the first that is found, if any, into the field of the work's name.
    fileprivate var lookUp: Document {
        let ofShop: Value = ["$eq": ["$_id.shop_id", "$$shop"]]
        func until(_ field: String) -> Value { ["$lte": [.string("$" + field), "$$now"]] }
        let (collection, filter, conditions): (String, Document, [Value]) =
            switch self {
            case .periods: (Accounts.schema.name, [:], [ofShop, until("current_period_end")])
            case .holds: (Reservations.schema.name, ["state": "open"], [ofShop, until("expires_at")])
            case .invoices: (Invoices.schema.name, ["status": "pending"], [ofShop, until("due_at")])
            case .quotas: (Wallets.schema.name, ["quota_ends": ["$exists": true]], [ofShop, until("quota_ends")])
            case .days:
                (
                    AnalyticsDays.schema.name, [:],
                    [
                        ["$gte": ["$_id", ["shop_id": "$$shop", "date": "$$yesterday"]]],
                        ["$lte": ["$_id", ["shop_id": "$$shop", "date": "9999-12-31"]]],
                    ]
                )
            }
        var match = filter
        match["$expr"] = ["$and": .array(conditions)]
        return [
            "$lookup": [
                "from": .string(collection), "let": ["shop": "$_id", "now": "$now", "yesterday": "$yesterday"],
                "pipeline": [["$match": .document(match)], ["$limit": 1], ["$project": ["_id": 1]]], "as": .string("\(self)"),
            ]
        ]
    }
}

extension Value {
    /// The day (UTC) that many days before a time, as its text.
    fileprivate static func day(ofTime time: Value, daysBack days: Int64) -> Value {
        ["$dateToString": ["date": ["$subtract": [time, .int64(days * 86_400_000)]], "format": "%Y-%m-%d"]]
    }
}
