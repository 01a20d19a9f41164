internal import BSON
internal import Bytes
package import Metering
internal import Mongo

/// Sums over a user's events, by groups. Names and values from clients are literals in every pipeline, never operators or paths.
package struct UsageBreakdownSums: EventSums {
    private let meter: Meter
    private let period: Int64?
    private let grouping: UsageGrouping
    private var sums: [Bytewise<[String?]>: Sum] = [:]
    /// The distinct pages of all groups.
    private var pages: Set<TextDigest> = []

    private struct Sum {
        var amount: Quantity = 0
        var count: Quantity = 0
        var pages: Quantity = 0
    }

    /// `period`: the number of the account's period in which the events count; nil for those of every period.
    package init(of meter: Meter, period: Int64?, by grouping: UsageGrouping) {
        self.meter = meter
        self.period = period
        self.grouping = grouping
    }

    package var isTooLarge: Bool { sums.count > UsageGrouping.maximumGroups || pages.count > UsageGrouping.maximumPages }

    package mutating func add(_ events: EventStep, _ reading: Reading) throws {
        var filter = events.filter
        filter["meter"] = .id(meter)
        filter["period_number"] = period.map { .int64($0) }
        for row in try reading.aggregate(UsageEvents.schema.name, [["$match": .document(filter)], ["$group": .document(groups)]]) {
            let keys = try row.document("_id")
            let values = Bytewise(wrappedValue: try grouping.names.indices.map { try keys.optionalString(Self.column($0)) })
            var sum = sums[values] ?? Sum()
            sum.amount = sum.amount.bounded(adding: try row.sum("amount"))
            sum.count += try row.int64("count")
            if let page = try keys.optionalString(Self.page), pages.insert(TextDigest(values.wrappedValue + [page])).inserted {
                sum.pages += 1
            }
            sums[values] = sum
        }
    }

    /// The groups by their amounts, the largest first; groups of equal amounts in the order of their values.
    package func list(skipping offset: Int, limit: Int) -> [UsageGroup] {
        let groups = sums.map { values, sum in
            UsageGroup(values: values.wrappedValue, amount: sum.amount, count: sum.count, pages: sum.pages)
        }
        let sorted = groups.sorted { $0.amount == $1.amount ? $0.values.isBefore($1.values) : $0.amount > $1.amount }
        return Array(sorted.dropFirst(offset).prefix(limit))
    }

    /// The sum over all groups.
    package var total: UsageGroup {
        let total = sums.values.reduce(into: Sum()) { total, sum in
            total.amount = total.amount.bounded(adding: sum.amount)
            total.count += sum.count
        }
        return UsageGroup(values: [], amount: total.amount, count: total.count, pages: 0)
    }
}

/// The stage that groups the events of a step.
extension UsageBreakdownSums {
    private static let page = "page"

    private static func column(_ index: Int) -> String { "k\(index)" }

    private var groups: Document {
        var keys = grouping.names.enumerated().map { (Self.column($0), Self.value(of: $1)) }
        if grouping.countsPages { keys.append((Self.page, Self.value(of: UsageGrouping.page))) }
        return ["_id": .document(keys), "amount": ["$sum": EventAmount.kept], "count": ["$sum": EventAmount.keptCount]]
    }

    /// The value of a dimension, null when an event has none. `$getField`, as a name may have dots, which a path takes apart.
    private static func value(of name: String) -> Value {
        let value: Value =
            name == UsageContent.reference
            ? "$reference_id" : ["$getField": ["field": ["$literal": .string(name)], "input": "$dimensions"]]
        return ["$ifNull": [value, .null]]
    }
}

extension [String?] {
    /// Whether it comes first in the database's order: a value that is not there before every other, texts by their bytes.
    func isBefore(_ other: [String?]) -> Bool {
        for (mine, theirs) in zip(self, other) {
            switch (mine, theirs) {
            case (nil, nil): continue
            case (nil, _): return true
            case (_, nil): return false
            case (let mine?, let theirs?):
                if mine.hasBytes(before: theirs) { return true }
                if theirs.hasBytes(before: mine) { return false }
            }
        }
        return false
    }
}
