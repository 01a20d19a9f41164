internal import BSON
package import Metering
internal import Mongo

/// A page of an audit: accounts with the logs of their users, all read at one instant.
package struct AccountAuditPage: Sendable {
    /// By user. An entry without an account is a log that belongs to no account, or an account that cannot be read.
    package let entries: [(user: UserID, account: Account?, log: AccountLog)]
    /// How many accounts are stored, readable or not.
    package let accounts: Int
    package let events: Int128
    /// The user after whom the next page begins; nil on the last page.
    package let last: UserID?
}

package enum AccountAuditPages {
    /// The accounts and logs of users after `user`; without it from the first user on.
    package static func read(
        of tenant: Tenant, after user: UserID?, size: AuditSize = AuditSize(), _ reading: Reading
    ) throws -> AccountAuditPage {
        try size.shrinking { size in
            try reading.snapshot { snapshot in
                var reader = AccountAuditReader(of: UserRange(tenant: tenant, after: user), snapshot)
                return try reader.page(size)
            }
        }
    }
}

extension AuditSize {
    /// Reads a page of this size, and again of half the size while the server does not keep the snapshot long enough.
    func shrinking<Page>(_ read: (AuditSize) throws -> Page) throws -> Page {
        var size = self
        while true {
            do {
                return try read(size)
            } catch let error as MongoError where error.kind == .transactionAborted {
                guard let half = size.halved else {
                    throw StoreError(.other, "A user's log was not read while its snapshot was kept: \(error)")
                }
                size = half
            }
        }
    }
}

/// Reads a page of an audit: first its accounts, which decide where the page ends, then the log of the users in that range.
struct AccountAuditReader {
    private(set) var range: UserRange
    let snapshot: Snapshot
    /// Users who have an account, readable or not.
    private(set) var holders: [UserID] = []
    private(set) var accounts: [UserID: Account] = [:]
    var logs: [UserID: AccountLog] = [:]
    var events: Int128 = 0

    init(of range: UserRange, _ snapshot: Snapshot) {
        self.range = range
        self.snapshot = snapshot
    }

    mutating func page(_ size: AuditSize) throws -> AccountAuditPage {
        try readAccounts(atMost: size.accounts)
        try cut(to: size.entries)
        try readLogs()
        let users = Set(logs.keys).union(holders).sorted()
        return AccountAuditPage(
            entries: users.map { ($0, accounts[$0], logs[$0] ?? AccountLog()) }, accounts: holders.count, events: events,
            last: range.upTo)
    }

    /// Runs the body on the user's log. A document that cannot be read is noted in that log, and the page goes on.
    mutating func reading<Value>(of user: UserID, _ body: (inout AccountLog) throws -> Value) -> Value? {
        do {
            return try body(&logs[user, default: AccountLog()])
        } catch {
            logs[user, default: AccountLog()].unreadable = "\(error)"
            return nil
        }
    }

    private mutating func readAccounts(atMost limit: Int) throws {
        let documents = try snapshot.find(Accounts.schema.name, range.ids(then: nil), sort: ["_id": 1], limit: limit)
        holders = try documents.map { try $0.document("_id").id("user_id") }
        for (key, account) in try Accounts.readable(documents, snapshot) {
            accounts[key.user] = reading(of: key.user) { _ in try account.get() }
        }
        if holders.count == limit { range.cut(at: holders.last) }
    }

    /// Ends the page at the user with whom a collection of the log passes `limit` documents; that user's log is read whole.
    private mutating func cut(to limit: Int) throws {
        for (collection, field) in [(UsageEvents.schema.name, "event_id"), (PeriodCloses.schema.name, "period_number")] {
            let next = try snapshot.findOne(collection, range.ids(then: field), sort: ["_id": 1], projection: ["_id": 1], skip: limit)
            range.cut(at: try next?.document("_id").id("user_id"))
        }
        for schema in [
            Purchases.schema, EventVoids.schema, Adjustments.schema, Reservations.schema, Invoices.schema, BillingTransactions.schema,
            CreditNotes.schema,
        ] {
            let next = try snapshot.findOne(
                schema.name, range.users, sort: ["_id.shop_id": 1, "user_id": 1], projection: ["_id": 0, "user_id": 1], skip: limit)
            range.cut(at: try next?.id("user_id"))
        }
        holders.removeAll { !range.contains($0) }
        accounts = accounts.filter { range.contains($0.key) }
        logs = logs.filter { range.contains($0.key) }
    }
}
