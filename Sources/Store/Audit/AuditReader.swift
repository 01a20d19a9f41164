internal import BSON
internal import Metering
internal import Mongo

/// Reads a page of an audit: first its accounts and where it ends, then the log of that range.
struct AuditReader {
    private(set) var range: AuditRange
    let snapshot: Snapshot
    /// Users who have an account, whether or not it can be read.
    private(set) var holders: [UserID] = []
    private(set) var accounts: [UserID: Account] = [:]
    var logs: [UserID: AccountLog] = [:]
    var events: Int128 = 0

    init(of range: AuditRange, _ snapshot: Snapshot) {
        self.range = range
        self.snapshot = snapshot
    }

    mutating func page(_ size: AuditSize) throws -> AuditPage {
        try readAccounts(atMost: size.accounts)
        try cut(to: size.entries)
        try readLogs()
        let users = Set(logs.keys).union(holders).sorted { $0.rawValue < $1.rawValue }
        return AuditPage(
            entries: users.map { ($0, accounts[$0], logs[$0] ?? AccountLog()) }, accounts: holders.count, events: events,
            last: range.upTo)
    }

    /// A document that cannot be read is told of with its user's account, and the others are read.
    mutating func reading<Value>(of user: UserID, _ body: (inout AccountLog) throws -> Value) -> Value? {
        do {
            return try body(&logs[user, default: AccountLog()])
        } catch {
            logs[user, default: AccountLog()].unreadable = "\(error)"
            return nil
        }
    }

    private mutating func readAccounts(atMost limit: Int) throws {
        for document in try snapshot.find(Accounts.schema.name, range.ids(then: nil), sort: ["_id": 1], limit: limit) {
            let user: UserID = try document.document("_id").id("user_id")
            holders.append(user)
            accounts[user] = reading(of: user) { _ in try Account(document) }
        }
        if holders.count == limit { range.cut(at: holders.last) }
    }

    /// Ends the page where a collection of the log has more documents than are to be read.
    private mutating func cut(to limit: Int) throws {
        for (collection, field) in [(UsageEvents.schema.name, "event_id"), (PeriodCloses.schema.name, "period_number")] {
            let next = try snapshot.findOne(collection, range.ids(then: field), sort: ["_id": 1], projection: ["_id": 1], skip: limit)
            range.cut(at: try next?.document("_id").id("user_id"))
        }
        for schema in [Purchases.schema, Reservations.schema, Invoices.schema, BillingTransactions.schema] {
            let next = try snapshot.findOne(
                schema.name, range.users, sort: ["_id.shop_id": 1, "user_id": 1], projection: ["_id": 0, "user_id": 1], skip: limit)
            range.cut(at: try next?.id("user_id"))
        }
        holders.removeAll { !range.contains($0) }
        accounts = accounts.filter { range.contains($0.key) }
        logs = logs.filter { range.contains($0.key) }
    }
}
