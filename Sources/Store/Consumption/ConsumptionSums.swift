internal import BSON
internal import Metering
internal import Mongo

/// The log's counts, added up by user and month, in that order.
struct ConsumptionSums {
    /// How many counts are read at a time.
    static let pageSize = 20_000

    private(set) var months: [(key: ConsumptionMonth, month: ConsumptionAudit)] = []
    /// The month after which the log goes on; nil at its end.
    private(set) var last: ConsumptionMonth?

    /// The sums of whole months after `key`, at least of one unless the log ends there.
    static func read(of tenant: Tenant, after key: ConsumptionMonth?, pageSize: Int, _ reading: Reading) throws -> ConsumptionSums {
        var sums = ConsumptionSums()
        var low = key.map { ConsumptionLog.end(of: $0.user, $0.month.last, tenant) } ?? ["shop_id": .id(tenant.shop)]
        while true {
            let counts = try reading.find(
                ConsumptionLog.schema.name, Key.range(of: tenant, then: "user_id", behind: low), sort: ["_id": 1], limit: pageSize)
            for count in counts { try sums.add(count) }
            guard counts.count == pageSize, let last = counts.last?["_id"] else { return sums }
            // The last month may go on.
            if sums.months.count > 1 {
                sums.months.removeLast()
                sums.last = sums.months.last?.key
                return sums
            }
            low = last
        }
    }

    private mutating func add(_ count: Document) throws {
        let id = try count.document("_id")
        let key = ConsumptionMonth(user: try id.id("user_id"), month: CivilMonth(of: try id.day("date")))
        if months.last?.key != key { months.append((key, ConsumptionAudit(user: key.user, month: key.month))) }
        do {
            months[months.count - 1].month.logged += Int128(try count.int64("api_calls"))
        } catch {
            months[months.count - 1].month.unreadable = "\(error)"
        }
    }
}
