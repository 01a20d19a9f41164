internal import BSON
package import Metering
internal import Mongo

/// A user's calls in a month (UTC), of all endpoints: the sum of the log's counts, which changes with them.
package enum ConsumptionMonths {
    static let schema = CollectionSchema(
        name: "consumption_months",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string, "month": Property.string]),
            "api_calls": Property.quantity,
        ],
        required: ["_id", "api_calls"])

    /// 0 where none were counted.
    package static func calls(of user: UserID, in month: CivilMonth, of tenant: Tenant, _ reading: Reading) throws -> Quantity {
        try reading.findOne(schema.name, ["_id": ConsumptionMonth(user: user, month: month).id(tenant)])?.int64("api_calls") ?? 0
    }

    static func add(_ entry: ConsumptionEntry, of tenant: Tenant, in transaction: Transaction) throws {
        let id = ConsumptionMonth(user: entry.user, month: CivilMonth(of: entry.day)).id(tenant)
        _ = try transaction.update(schema.name, ["_id": id], ["$inc": ["api_calls": .int64(entry.apiCalls)]], upsert: true)
    }
}

/// A month of a user, in the order of the counters' `_id`s.
package struct ConsumptionMonth: Hashable, Comparable, Sendable {
    let user: UserID
    let month: CivilMonth

    package static func < (left: ConsumptionMonth, right: ConsumptionMonth) -> Bool {
        left.user == right.user ? left.month.first < right.month.first : left.user < right.user
    }

    fileprivate func id(_ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "user_id": .id(user), "month": .string(month.iso)]
    }
}

/// Making the counters of a log that has none.
extension ConsumptionMonths {
    /// Goes on at the last counter of each shop that an earlier run has made. Nobody may add to the log meanwhile.
    static func build(_ writing: Writing, pageSize: Int = ConsumptionSums.pageSize) throws {
        var last: ShopID?
        repeat {
            let tenants = try Shops.tenants(after: last, limit: 1_000, writing)
            for tenant in tenants { try build(of: tenant, writing, pageSize: pageSize) }
            last = tenants.last?.shop
        } while last != nil
    }

    private static func build(of tenant: Tenant, _ writing: Writing, pageSize: Int) throws {
        var last = try writing.findOne(schema.name, Key.range(of: tenant, then: "user_id"), sort: ["_id": -1]).map {
            try ConsumptionMonth($0)
        }
        repeat {
            let page = try ConsumptionSums.read(of: tenant, after: last, pageSize: pageSize, writing)
            // In their order, so that none is missing before the last one.
            let writes = page.months.map { key, month in
                BulkWrite.replaceOne(
                    filter: ["_id": key.id(tenant)],
                    replacement: ["api_calls": .int64(Quantity(min(month.logged, Int128(Quantity.largest))))], upsert: true)
            }
            _ = try writing.bulk(schema.name, writes)
            last = page.last
        } while last != nil
    }
}

/// Holding the counters against the log.
extension ConsumptionMonths {
    /// Months with the users' counts, in the order of users and months.
    package struct AuditPage: Sendable {
        package let months: [ConsumptionAudit]
        /// The month after which the next page begins; nil on the last page.
        package let last: ConsumptionMonth?
    }

    /// The months after `key`, all read at one instant; without it from the first on.
    package static func audit(
        of tenant: Tenant, after key: ConsumptionMonth?, pageSize: Int = 20_000, _ reading: Reading
    ) throws -> AuditPage {
        try reading.snapshot { snapshot in
            let sums = try ConsumptionSums.read(of: tenant, after: key, pageSize: pageSize, snapshot)
            let counters = try counters(of: tenant, after: key, limit: pageSize, snapshot)
            // As far as both have been read.
            let last = [sums.last, counters.count == pageSize ? counters.last?.key : nil].compactMap(\.self).min()
            var months = Dictionary(uniqueKeysWithValues: sums.months)
            for (key, calls) in counters { months[key, default: ConsumptionAudit(user: key.user, month: key.month)].counted = calls }
            let complete = months.filter { entry in last.map { entry.key <= $0 } ?? true }.sorted { $0.key < $1.key }
            return AuditPage(months: complete.map(\.value), last: last)
        }
    }

    private static func counters(
        of tenant: Tenant, after key: ConsumptionMonth?, limit: Int, _ reading: Reading
    ) throws -> [(key: ConsumptionMonth, calls: Quantity)] {
        let filter = key.map { Key.range(of: tenant, then: "user_id", behind: $0.id(tenant)) } ?? Key.range(of: tenant, then: "user_id")
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map {
            (try ConsumptionMonth($0), try $0.int64("api_calls"))
        }
    }
}

extension ConsumptionMonth {
    /// Of a counter's document.
    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        guard let month = CivilMonth(iso: try id.string("month")) else { throw StoreError(.invalid, "month is not a month.") }
        self.init(user: try id.id("user_id"), month: month)
    }
}
