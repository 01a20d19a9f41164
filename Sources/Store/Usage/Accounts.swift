internal import BSON
package import Metering
internal import Mongo

/// The accounts: one document for each user, with every balance that an event can change. The document is a checkpoint: what an account is, is said
/// by it and the events after it (`AccountLog.swift`).
package enum Accounts {
    static let schema = CollectionSchema(
        name: "token_usage",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string]), "sequence": Property.quantity,
            "plan_name": Property.string, "subscription_id": ["bsonType": ["objectId", "null"]], "current_period_start": Property.time,
            "current_period_end": Property.time, "period_number": Property.quantity,
            "meters": Property.array(
                of: Property.object(
                    [
                        "meter": Property.string, "limit": Property.optionalQuantity,
                        "rollover_cap": Property.optionalQuantity, "plain": Property.bool, "used": Property.quantity,
                        "rollover": Property.balance, "purchased": Property.quantity, "reserved": Property.quantity,
                        "alerted": Property.quantity,
                    ], optional: ["opening": Property.quantity]), atMost: Account.meterBound),
            // Its items are not checked: they are many, and each update of the document would check all of them again.
            "daily_usage": ["bsonType": "array", "maxItems": .int64(Int64(BillingCycle.maximumDays) + 1)],
            "monthly_summary": ["bsonType": "array", "maxItems": .int64(Int64(Account.maximumSummaries))],
            "total_tokens": Property.wideTotal, "total_queries": Property.quantity, "peak_tokens": Property.quantity,
            "logged_at": Property.time,
        ],
        required: [
            "_id", "sequence", "plan_name", "current_period_start", "current_period_end", "period_number", "meters", "daily_usage",
            "monthly_summary",
            "total_tokens", "total_queries", "peak_tokens",
        ],
        indexes: [.init(name: "by_end", keys: ["_id.shop_id": 1, "current_period_end": 1, "_id.user_id": 1])])

    /// A user whose period is over, and the place of that user in the list of them: by the end of the period, then by id.
    package struct DueCursor: Sendable {
        package let user: UserID
        let end: Timestamp
    }

    /// Users whose period is over at `now`, the longest due first; those after a cursor, or without one the first.
    package static func due(
        at now: Timestamp, of tenant: Tenant, after cursor: DueCursor?, limit: Int, _ reading: Reading
    ) throws -> [DueCursor] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "current_period_end": ["$lte": .time(now)]]
        if let cursor {
            filter["current_period_end"] = ["$gte": .time(cursor.end), "$lte": .time(now)]
            filter["$or"] = [
                ["current_period_end": ["$gt": .time(cursor.end)]], ["_id.user_id": ["$gt": .id(cursor.user)]],
            ]
        }
        let sort: Document = ["current_period_end": 1, "_id.user_id": 1]
        return try reading.find(schema.name, filter, sort: sort, projection: ["current_period_end": 1], limit: limit).map {
            DueCursor(user: try $0.document("_id").id("user_id"), end: try $0.time("current_period_end"))
        }
    }

    /// When the shop's first period ends.
    package static func nextEnd(of tenant: Tenant, _ reading: Reading) throws -> Timestamp? {
        try reading.findOne(
            schema.name, ["_id.shop_id": .id(tenant.shop)], sort: ["current_period_end": 1], projection: ["current_period_end": 1]
        )?.time("current_period_end")
    }

    /// Stores new accounts and changes of stored ones, with the periods that they closed, and the steps as entries of their logs. Throws `conflict`
    /// when an account has moved since it was read, and `duplicate` when a new one exists; then the transaction is over.
    ///
    /// The number of the first entry after the account as it was read is the fence: an event or a step of the change takes it, and it is taken once.
    /// One `find` reads the versions in the transaction's snapshot; a change that is committed after it is a write conflict for the updates.
    /// So the updates can name their documents by `_id` alone, which is the server's fast path; with the version in its filter each update
    /// would cost the server a query plan.
    package static func save(_ changes: [AccountChange], in transaction: Transaction) throws {
        guard !changes.isEmpty else { return }
        try checkVersions(of: changes, transaction)
        let result = try transaction.bulk(schema.name, changes.map { try $0.write }, ordered: false)
        guard result.matched + result.inserted == changes.count else {
            throw StoreError(.conflict, "An account is gone since it was read.")
        }
        try PeriodCloses.insert(changes, in: transaction)
        try UsageEvents.insertSteps(of: changes, in: transaction)
    }

    private static func checkVersions(of changes: [AccountChange], _ transaction: Transaction) throws {
        let stored = changes.filter { $0.before != nil }
        guard !stored.isEmpty else { return }
        let ids = stored.map { Key.user($0.after.user, $0.tenant) }
        let found = try transaction.find(schema.name, ["_id": ["$in": .array(ids)]], projection: ["sequence": 1])
        let versions = Dictionary(try found.map { ($0["_id"], try $0.int64("sequence")) }, uniquingKeysWith: { first, _ in first })
        guard zip(stored, ids).allSatisfy({ $0.before?.checkpoint == versions[$1] }) else {
            throw StoreError(.conflict, "An account moved since it was read.")
        }
    }
}

/// Accounts from before their logs were numbered.
extension Accounts {
    /// Lets the numbers of the logs go on after the versions of the accounts. The programs of before find no version after that, and change nothing.
    /// Idempotent.
    static func number(_ writing: Writing, pageSize: Int = 5_000) throws {
        var last: Value?
        while true {
            var range: Document = [:]
            if let last { range["_id"] = ["$gt": last] }
            let end = try writing.find(schema.name, range, sort: ["_id": 1], projection: ["_id": 1], skip: pageSize - 1, limit: 1).first?[
                "_id"]
            var bounds: Document = [:]
            if let last { bounds["$gt"] = last }
            if let end { bounds["$lte"] = end }
            var filter: Document = bounds.isEmpty ? [:] : ["_id": .document(bounds)]
            filter["version"] = ["$exists": true]
            _ = try writing.updateMany(schema.name, filter, .pipeline([["$set": ["sequence": "$version"]], ["$unset": "version"]]))
            guard let end else { return }
            last = end
        }
    }
}

extension Account: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Account, Account> {
        let order = ListOrder<Account>.ascending("_id") { Key.user($0.user, tenant) }
        return Listing(Accounts.schema, Key.range(of: tenant, then: "user_id"), order, reading: Accounts.whole)
    }
}

package struct AccountKey: Hashable, Sendable {
    package let tenant: Tenant
    package let user: UserID

    package init(tenant: Tenant, user: UserID) {
        self.tenant = tenant
        self.user = user
    }
}

/// What an entry of an account's log says that is no event.
package enum AccountStep: Sendable {
    /// The balances have changed, or nothing that an entry keeps.
    case balances
    /// The live subscription may be another, or none.
    case terms(Subscription?)
}

/// An account as it was read, nil for a new one, and as it is to be stored.
package struct AccountChange: Sendable {
    package let tenant: Tenant
    package let before: Account?
    package let after: Account
    /// What the change is beside the events of its transaction: then it is an entry of the account's log of its own. Nil: nothing.
    let step: AccountStep?

    /// `now`: of the step.
    package init(tenant: Tenant, before: Account?, after: Account, step: AccountStep? = .balances, at now: Timestamp) {
        self.tenant = tenant
        self.before = before
        self.step = step
        var after = after
        if step != nil { after.loggedAt = after.nextEntryTime(at: now) }
        self.after = after
    }

    /// The account's document as its events have left the account; nil where it is so.
    package init?(tenant: Tenant, checkpointOf account: Account) {
        guard account.version > account.checkpoint else { return nil }
        (self.tenant, before, after, step) = (tenant, account, account, nil)
    }

    /// The account as it is once it is stored.
    package var stored: Account { after.stored(at: version) }

    /// The number of the log's last entry then.
    var version: Int64 { step == nil ? after.version : after.version + 1 }

    var write: BulkWrite {
        get throws {
            guard let before else { return .insert(try after.document(of: tenant, version: version)) }
            let set = try after.changes(since: before, version: version)
            return .updateOne(filter: ["_id": Key.user(after.user, tenant)], update: ["$set": .document(set)])
        }
    }
}
