internal import BSON
package import Metering
internal import Mongo

/// Accounts with what the log says of them, as all of it was at one instant.
package struct AuditPage: Sendable {
    /// By user. Without an account: a log that belongs to none.
    package let entries: [(user: UserID, account: Account?, log: AccountLog)]
    /// Where the next page begins; nil after the last.
    package let last: UserID?
    package let events: Int64
}

package enum AuditPages {
    /// The most accounts of a page.
    package static let size = 50

    /// The accounts after `user` with their logs, and logs between them that have no account.
    package static func read(of tenant: Tenant, after user: UserID?, _ reading: Reading) throws -> AuditPage {
        try reading.snapshot { snapshot in
            let accounts = try Accounts.page(of: tenant, after: user, limit: size, snapshot)
            let last = accounts.count < size ? nil : accounts.last?.user
            var reader = AuditReader(range: AuditRange(tenant: tenant, after: user, upTo: last), snapshot: snapshot)
            try reader.read(accounts)
            return AuditPage(entries: reader.entries, last: last, events: reader.eventCount)
        }
    }
}

/// Users after one, up to another; open where a bound is nil.
private struct AuditRange {
    let tenant: Tenant
    let after: UserID?
    let upTo: UserID?

    /// Of documents whose `_id` begins with the shop and the user: the whole of it is one range of the `_id` index.
    func ids(then field: String?) -> Document {
        var bounds: Document = [:]
        bounds["$gt"] = .document(bound(after?.rawValue ?? "", then: field, above: after != nil))
        bounds[upTo == nil ? "$lt" : "$lte"] = .document(bound(upTo?.rawValue ?? "\u{10FFFF}", then: field, above: upTo != nil))
        return ["_id": .document(bounds)]
    }

    /// Of documents that have the user in a field.
    var users: Document {
        var bounds: Document = ["$gt": .string(after?.rawValue ?? "")]
        if let upTo { bounds["$lte"] = .id(upTo) }
        return ["_id.shop_id": .id(tenant.shop), "user_id": .document(bounds)]
    }

    /// `above`: behind everything of that user, as text sorts behind every number and U+10FFFF behind every id.
    private func bound(_ user: String, then field: String?, above: Bool) -> Document {
        var bound: Document = ["shop_id": .id(tenant.shop), "user_id": .string(user)]
        if let field, above { bound.append(field, .string("\u{10FFFF}")) }
        return bound
    }
}

private struct AuditReader {
    let range: AuditRange
    let snapshot: Snapshot
    private var accounts: [UserID: Account] = [:]
    private var logs: [UserID: AccountLog] = [:]
    private(set) var eventCount: Int64 = 0

    init(range: AuditRange, snapshot: Snapshot) {
        self.range = range
        self.snapshot = snapshot
    }

    var entries: [(user: UserID, account: Account?, log: AccountLog)] {
        Set(logs.keys).union(accounts.keys).sorted { $0.rawValue < $1.rawValue }
            .map { ($0, accounts[$0], logs[$0] ?? AccountLog()) }
    }

    mutating func read(_ page: [Account]) throws {
        for account in page { accounts[account.user] = account }
        try readEvents()
        try readCloses()
        try readPurchases()
        try readHolds()
        for account in page { try readDays(of: account) }
    }

    private mutating func readEvents() throws {
        let group: Document = [
            "_id": ["user": "$_id.user_id", "meter": "$meter", "period": "$period_number"], "amount": ["$sum": "$amount"],
            "count": ["$sum": .int64(1)], "peak": ["$max": "$amount"],
            "from_subscription": ["$sum": "$breakdown.from_subscription"], "from_rollover": ["$sum": "$breakdown.from_rollover"],
            "from_purchased": ["$sum": "$breakdown.from_purchased"], "overflow_to_debt": ["$sum": "$breakdown.overflow_to_debt"],
        ]
        let pipeline: [Document] = [["$match": .document(range.ids(then: "event_id"))], ["$group": .document(group)]]
        try snapshot.forEachAggregated(UsageEvents.schema.name, pipeline) { row in
            let id = try row.document("_id")
            let key = AccountLog.Key(meter: try id.id("meter"), period: try id.int64("period"))
            let sums = AccountLog.Sums(
                totals: Totals(tokens: try row.int64("amount"), queries: try row.int64("count"), peak: try row.int64("peak")),
                breakdown: try Breakdown(row))
            eventCount += sums.totals.queries
            logs[try id.id("user"), default: AccountLog()].events[key] = sums
        }
    }

    private mutating func readCloses() throws {
        try snapshot.forEach(PeriodCloses.schema.name, range.ids(then: "period_number"), sort: ["_id": 1]) { document in
            let user: UserID = try document.document("_id").id("user_id")
            logs[user, default: AccountLog()].closes.append(try ClosedPeriod(document))
        }
    }

    private mutating func readPurchases() throws {
        for (user, meter, sum) in try sums(Purchases.schema.name, of: "$amount", where: [:]) {
            logs[user, default: AccountLog()].purchased[meter] = sum
        }
    }

    private mutating func readHolds() throws {
        for (user, meter, sum) in try sums(Reservations.schema.name, of: "$outstanding", where: ["state": "open"]) {
            logs[user, default: AccountLog()].held[meter] = sum
        }
    }

    private func sums(_ collection: String, of field: Value, where filter: Document) throws -> [(UserID, Meter, Quantity)] {
        var match = range.users
        for (key, value) in filter { match.append(key, value) }
        let group: Document = ["_id": ["user": "$user_id", "meter": "$meter"], "sum": ["$sum": field]]
        return try snapshot.aggregate(collection, [["$match": .document(match)], ["$group": .document(group)]]).map { row in
            let id = try row.document("_id")
            return (try id.id("user"), try id.id("meter"), try row.int64("sum"))
        }
    }

    /// The days on which the current period's tokens count, by the rule of `Account.countingDay`: a day outside the period is its first.
    private mutating func readDays(of account: Account) throws {
        let key = AccountLog.Key(meter: .tokens, period: account.periodNumber)
        guard logs[account.user]?.events[key] != nil else { return }
        let isWithin: Value = ["$and": [["$gte": ["$at", .time(account.period.start)]], ["$lt": ["$at", .time(account.period.end)]]]]
        let at: Value = ["$cond": [isWithin, "$at", .time(account.period.start)]]
        let match: Document = [
            "_id.shop_id": .id(range.tenant.shop), "_id.user_id": .id(account.user), "meter": .id(Meter.tokens),
            "period_number": .int64(account.periodNumber),
        ]
        let group: Document = [
            "_id": ["$dateToString": ["format": "%Y-%m-%d", "date": at]], "tokens": ["$sum": "$amount"],
            "queries": ["$sum": .int64(1)], "peak_tokens": ["$max": "$amount"],
        ]
        let days = try snapshot.aggregate(UsageEvents.schema.name, [["$match": .document(match)], ["$group": .document(group)]])
        logs[account.user]?.days = try days.map { DailyUsage(day: try $0.day("_id"), totals: try Totals($0)) }
    }
}
