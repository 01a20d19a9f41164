internal import BSON
package import Metering
internal import Mongo

/// Sums over a user's events, by groups. Names and values from clients are literals in every pipeline, never operators or paths.
package enum UsageBreakdowns {
    /// Which events are summed.
    package struct Selection: Sendable {
        package enum Time: Sendable {
            /// Events that count in the account's period of that number: late ones may have happened before it.
            case period(Int64)
            case range(TimeRange)
        }

        package let user: UserID
        package let meter: Meter
        package let time: Time

        package init(user: UserID, meter: Meter, time: Time) {
            self.user = user
            self.meter = meter
            self.time = time
        }
    }

    /// The groups by their amounts, the largest first; groups of equal amounts in the order of their values.
    package static func list(
        _ selection: Selection, by grouping: UsageGrouping, of tenant: Tenant, skipping offset: Int, limit: Int, _ reading: Reading
    ) throws -> [UsageGroup] {
        var pipeline: [Document] = [["$match": .document(filter(selection, tenant))]]
        pipeline += grouping.countsPages ? pagesThenGroups(grouping) : [["$group": .document(groups(keys(grouping)))]]
        var sort: Document = ["amount": -1]
        for index in grouping.names.indices { sort.append("_id.\(column(index))", 1) }
        pipeline.append(["$sort": .document(sort)])
        if offset > 0 { pipeline.append(["$skip": .int64(Int64(offset))]) }
        pipeline.append(["$limit": .int64(Int64(limit))])
        return try reading.aggregate(UsageEvents.schema.name, pipeline).map { try UsageGroup($0, grouping) }
    }

    /// The sum over all groups.
    package static func total(_ selection: Selection, of tenant: Tenant, _ reading: Reading) throws -> UsageGroup {
        let pipeline: [Document] = [["$match": .document(filter(selection, tenant))], ["$group": .document(groups(.null))]]
        let none = UsageGroup(values: [], amount: 0, count: 0, pages: 0)
        return try reading.aggregate(UsageEvents.schema.name, pipeline).first.map { row in
            UsageGroup(values: [], amount: try row.sum("amount"), count: try row.int64("count"), pages: 0)
        } ?? none
    }

    private static func filter(_ selection: Selection, _ tenant: Tenant) -> Document {
        var filter: Document = [
            "_id.shop_id": .id(tenant.shop), "_id.user_id": .id(selection.user), "meter": .id(selection.meter),
        ]
        switch selection.time {
        case .period(let number):
            filter["period_number"] = .int64(number)
        case .range(let range): filter.keep("at", in: range)
        }
        return filter
    }

    private static func column(_ index: Int) -> String { "k\(index)" }

    private static func keys(_ grouping: UsageGrouping) -> Value {
        .document(grouping.names.enumerated().map { (column($0), value(of: $1)) })
    }

    /// The value of a dimension, null when an event has none. `$getField`, as a name may have dots, which a path takes apart.
    private static func value(of name: String) -> Value {
        let value: Value =
            name == UsageContent.reference
            ? "$reference_id" : ["$getField": ["field": ["$literal": .string(name)], "input": "$dimensions"]]
        return ["$ifNull": [value, .null]]
    }

    private static func groups(_ keys: Value) -> Document {
        ["_id": keys, "amount": ["$sum": "$amount"], "count": ["$sum": .int64(1)]]
    }

    /// Groups by page first, so that the server counts distinct pages without holding a set of them.
    private static func pagesThenGroups(_ grouping: UsageGrouping) -> [Document] {
        var first = groups(["keys": keys(grouping), "page": value(of: UsageGrouping.page)])
        first.append("pages", ["$max": ["$cond": [["$eq": [value(of: UsageGrouping.page), .null]], .int64(0), .int64(1)]]])
        let second: Document = [
            "_id": "$_id.keys", "amount": ["$sum": "$amount"], "count": ["$sum": "$count"], "pages": ["$sum": "$pages"],
        ]
        return [["$group": .document(first)], ["$group": .document(second)]]
    }
}

extension UsageGroup {
    fileprivate init(_ row: Document, _ grouping: UsageGrouping) throws {
        let keys = try row.optionalDocument("_id") ?? [:]
        self.init(
            values: try grouping.names.indices.map { try keys.optionalString("k\($0)") }, amount: try row.sum("amount"),
            count: try row.int64("count"), pages: grouping.countsPages ? try row.int64("pages") : 0)
    }
}
