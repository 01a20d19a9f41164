internal import BSON
package import Metering
internal import Mongo

/// An account is its document, which is a checkpoint, and the events after it in its log. This file alone reads the document, so that no reader gets one
/// without the events.
extension Accounts {
    package static func find(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> Account? {
        try find([AccountKey(tenant: tenant, user: user)], reading).values.first
    }

    /// The accounts of those keys, which may be of several shops. A key without an account is left out.
    package static func find(_ keys: [AccountKey], _ reading: Reading) throws -> [AccountKey: Account] {
        guard !keys.isEmpty else { return [:] }
        let ids = keys.map { Key.user($0.user, $0.tenant) }
        let filter: Document = ids.count == 1 ? ["_id": ids[0]] : ["_id": ["$in": .array(ids)]]
        return try followed(reading.find(schema.name, filter), reading).mapValues { try $0.get() }
    }

    /// The accounts of which these are the documents, in their order.
    static func whole(_ documents: [Document], _ reading: Reading) throws -> [Account] {
        let accounts = try followed(documents, reading)
        return try documents.compactMap { try accounts[AccountKey($0)]?.get() }
    }

    /// The accounts of which these are the documents, as far as each can be read.
    static func readable(_ documents: [Document], _ reading: Reading) throws -> [AccountKey: Result<Account, any Error>] {
        try followed(documents, reading)
    }

    /// How often a document is read again that a step has overtaken since it was read.
    private static let attempts = 20

    /// Throws what the database throws; what is wrong with one account is its result.
    private static func followed(_ documents: [Document], _ reading: Reading) throws -> [AccountKey: Result<Account, any Error>] {
        var (accounts, open) = ([AccountKey: Result<Account, any Error>](), documents)
        for _ in 0..<attempts {
            var checkpoints: [Checkpoint] = []
            for document in open {
                let key = try AccountKey(document)
                accounts[key] = .failure(StoreError(.invalid, "The log of the account \(key.user) does not follow on its document."))
                do { checkpoints.append(try Checkpoint(document, of: key)) } catch { accounts[key] = .failure(error) }
            }
            let tails = try UsageEvents.tails(of: checkpoints, reading)
            var overtaken: [AccountKey] = []
            for checkpoint in checkpoints {
                do {
                    let account = try checkpoint.account(followedBy: tails[checkpoint.key] ?? [])
                    if let account { accounts[checkpoint.key] = .success(account) } else { overtaken.append(checkpoint.key) }
                } catch {
                    accounts[checkpoint.key] = .failure(error)
                }
            }
            guard !overtaken.isEmpty else { break }
            let ids = overtaken.map { Key.user($0.user, $0.tenant) }
            open = try reading.find(schema.name, ["_id": ["$in": .array(ids)]])
        }
        return accounts
    }
}

/// An account's document.
struct Checkpoint {
    let key: AccountKey
    private let account: Account

    init(_ document: Document) throws { self = try Checkpoint(document, of: AccountKey(document)) }

    fileprivate init(_ document: Document, of key: AccountKey) throws {
        self.key = key
        account = try Account(document)
    }

    var subscription: SubscriptionID? { account.subscription }

    /// The number of the entry at which the document stands.
    var number: Int64 { account.checkpoint }

    /// As an entry keeps it.
    var state: Document { get throws { try account.state } }

    /// The account with the entries, in order, that follow its document; nil when a step or something else than its next event follows. A step is in
    /// the document that was stored with it.
    fileprivate func account(followedBy entries: [Document]) throws -> Account? {
        var account = account
        for entry in entries {
            guard entry["step"] == nil, account.follow(try RecordedEvent(entry)) else { return nil }
        }
        return account
    }

    /// Matches the entries after the document.
    fileprivate var tail: Document {
        ["_id.shop_id": .id(key.tenant.shop), "_id.user_id": .id(key.user), "sequence": ["$gt": .int64(account.checkpoint)]]
    }
}

extension UsageEvents {
    /// The accounts of the entries that were stored last: of at most `limit` entries, those whose times are not more than `milliseconds` before their shops'
    /// last ones.
    package static func lastAccounts(limit: Int, within milliseconds: Int64, _ reading: Reading) throws -> [AccountKey] {
        var (accounts, newest, count, old): (Set<AccountKey>, [Tenant: Timestamp], Int, Int) = ([], [:], 0, 0)
        let fields: Document = ["_id.shop_id": 1, "_id.user_id": 1, "recorded_at": 1]
        do {
            try reading.forEach(schema.name, [:], sort: ["$natural": -1], projection: fields, batchSize: 5_000) { entry in
                let key = try AccountKey(entry)
                let time = try entry.optionalTime("recorded_at") ?? newest[key.tenant]
                count += 1
                // An erasure stores old entries again, so that one alone says nothing.
                if let time, let last = newest[key.tenant], time.adding(milliseconds: milliseconds) < last { old += 1 } else { old = 0 }
                if let time { newest[key.tenant] = max(newest[key.tenant] ?? time, time) }
                guard old < 1_000, count <= limit else { throw EndOfWalk() }
                if old == 0 { accounts.insert(key) }
            }
        } catch is EndOfWalk {
        } catch let error as MongoError where error.kind == .timeout {
            // As many as there was time for.
        }
        return Array(accounts)
    }

    private struct EndOfWalk: Error {}

    /// How many tails are read at once.
    private static let tailsAtOnce = 100

    /// The entries after each of the documents, in order.
    fileprivate static func tails(of checkpoints: [Checkpoint], _ reading: Reading) throws -> [AccountKey: [Document]] {
        var tails: [AccountKey: [(number: Int64, entry: Document)]] = [:]
        for start in stride(from: 0, to: checkpoints.count, by: tailsAtOnce) {
            let some = checkpoints[start..<min(start + tailsAtOnce, checkpoints.count)].map(\.tail)
            let filter: Document = some.count == 1 ? some[0] : ["$or": .array(some.map { .document($0) })]
            for entry in try reading.find(schema.name, filter, hint: bySequence) {
                tails[try AccountKey(entry), default: []].append((try entry.int64("sequence"), entry))
            }
        }
        return tails.mapValues { $0.sorted { $0.number < $1.number }.map(\.entry) }
    }
}

extension AccountKey {
    /// Whose a document is that has the shop and the user in its `_id`.
    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        self.init(tenant: Tenant(shop: try id.id("shop_id")), user: try id.id("user_id"))
    }
}

extension Account {
    fileprivate init(_ document: Document) throws {
        self.init(
            user: try document.document("_id").id("user_id"), version: try document.int64("sequence"),
            loggedAt: try document.optionalTime("logged_at"), plan: try document.id("plan_name"),
            subscription: try document.optionalSubscriptionID("subscription_id"),
            period: Period(start: try document.time("current_period_start"), end: try document.time("current_period_end")),
            periodNumber: try document.int64("period_number"),
            meters: try document.documents("meters").map { try MeterBalance($0) },
            daily: try document.documents("daily_usage").map { try DailyUsage($0) },
            summaries: try document.documents("monthly_summary").map { try PeriodSummary($0) },
            lifetime: Totals(
                tokens: try document.int64("total_tokens"), queries: try document.int64("total_queries"),
                peak: try document.int64("peak_tokens")))
    }
}
