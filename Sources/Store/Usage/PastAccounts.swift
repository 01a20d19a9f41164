internal import BSON
package import Metering
internal import Mongo

/// What the log says of an account at an instant of the past.
package enum PastAccount: Sendable {
    /// The account was opened later, or never.
    case unopened
    /// The account, without its days, sums and closed periods, and the live subscription.
    case known(Account, Subscription?)
    /// The log is older than the states that its entries keep; it is known from that time on, if the account is known at all.
    case unknown(from: Timestamp?)
}

/// An account at an instant is the state that the last entry up to it left. The times of a log never go back; of entries at one instant the last counts.
/// An entry that keeps no state is an event, which is added to the state before it.
extension Accounts {
    package static func past(_ user: UserID, of tenant: Tenant, at time: Timestamp, _ reading: Reading) throws -> PastAccount {
        let log = PastLog(user: user, tenant: tenant, reading: reading)
        guard let last = try log.last(by: time) else {
            guard let first = try log.first else { return try find(user, of: tenant, reading) == nil ? .unopened : .unknown(from: nil) }
            let isOpening = try first.int64("sequence") == 1 && first["begins"] == nil
            return isOpening ? .unopened : .unknown(from: try log.beginning)
        }
        guard let account = try log.account(after: last) else { return .unknown(from: try log.beginning) }
        return .known(account, try log.subscription(after: last))
    }
}

/// The log of one account, as it is read back.
private struct PastLog {
    let user: UserID
    let tenant: Tenant
    let reading: Reading

    /// The first entry with a number.
    var first: Document? { get throws { try entry(["$gte": 0], ascending: true) } }

    /// From when on the account is known: the time of the first entry that says which subscription was live.
    var beginning: Timestamp? {
        get throws {
            var filter = filter(["$gte": 0])
            filter["subscription"] = ["$exists": true]
            return try find(filter, ascending: true, hint: UsageEvents.withTerms).first?.optionalTime("recorded_at")
        }
    }

    /// The number of the last entry that is not after the time. An entry without a time is a step from before steps had one.
    func last(by time: Timestamp) throws -> Int64? {
        func isBy(_ entry: Document) throws -> Bool { try entry.optionalTime("recorded_at").map { $0 <= time } ?? true }
        guard let newest = try entry(["$gte": 0], ascending: false) else { return nil }
        var (low, high): (Int64, Int64) = (-1, try newest.int64("sequence"))
        if try isBy(newest) { return high }
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if let entry = try entry(["$gte": .int64(middle), "$lt": .int64(high)], ascending: true), try isBy(entry) {
                low = try entry.int64("sequence")
            } else {
                high = middle
            }
        }
        return low < 0 ? nil : low
    }

    /// The account as the entry of that number left it; nil where no state is kept before it.
    func account(after number: Int64) throws -> Account? {
        var (events, bound): ([Document], Int64) = ([], number)
        while events.count <= Self.farthest {
            let page = try find(filter(["$lte": .int64(bound)]), ascending: false, limit: Self.page)
            for entry in page {
                if let state = try entry.optionalDocument("account") {
                    return try account(state, entry: entry.int64("sequence"), followedBy: events.reversed())
                }
                // A step of a program that kept no states.
                if entry["step"] != nil { return nil }
                events.append(entry)
            }
            guard let oldest = page.last else { return nil }
            bound = try oldest.int64("sequence") - 1
        }
        return nil
    }

    private func account(_ state: Document, entry number: Int64, followedBy events: some Sequence<Document>) throws -> Account {
        var account = try Account(state: state, of: user, entry: number)
        for event in events {
            guard account.follow(try RecordedEvent(event)) else {
                throw StoreError(.invalid, "The log of the account \(user) does not follow on its entry \(number).")
            }
        }
        return account
    }

    /// The subscription that was live after the entry of that number.
    func subscription(after number: Int64) throws -> Subscription? {
        var filter = filter(["$lte": .int64(number)])
        filter["subscription"] = ["$exists": true]
        let entry = try find(filter, ascending: false, hint: UsageEvents.withTerms).first
        guard var terms = try entry?.optionalDocument("subscription") else { return nil }
        terms["user_id"] = .id(user)
        return try Subscription(terms)
    }

    /// A group's events of one account are 250 at most, and of each sixteenth entry the state is kept.
    private static let (page, farthest) = (32, 1_000)

    private func entry(_ numbers: Document, ascending: Bool) throws -> Document? { try find(filter(numbers), ascending: ascending).first }

    private func find(
        _ filter: Document, ascending: Bool, limit: Int = 1, hint: String = UsageEvents.bySequence
    ) throws -> [Document] {
        try reading.find(UsageEvents.schema.name, filter, sort: ["sequence": ascending ? 1 : -1], limit: limit, hint: hint)
    }

    private func filter(_ numbers: Document) -> Document {
        ["_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user), "sequence": .document(numbers)]
    }
}

/// Accounts from before the entries of their logs kept states.
extension Accounts {
    /// Gives the entry at which each account's document stands the document's state, so that the past is known from there on. Where the entry is from before
    /// entries had numbers, a step takes its place; a step without a time gets that of the entry after it, else the shop's present one. Idempotent; beside
    /// it accounts may go on.
    static func beginPasts(_ writing: Writing, now: Timestamp, pageSize: Int = 500) throws {
        var times: [Tenant: Timestamp] = [:]
        var last: Value?
        while true {
            let range: Document = last.map { ["_id": ["$gt": $0]] } ?? [:]
            let page = try writing.find(schema.name, range, sort: ["_id": 1], limit: pageSize)
            guard let end = page.last?["_id"] else { return }
            last = end
            // An account that cannot be read has no past, as it has no present.
            let known = page.compactMap { try? Checkpoint($0) }
            for (tenant, checkpoints) in Dictionary(grouping: known, by: \.key.tenant) {
                let time = try times[tenant] ?? Shops.find(tenant.shop, writing)?.testTime ?? now
                times[tenant] = time
                for start in stride(from: 0, to: checkpoints.count, by: 100) {
                    try beginPasts(of: Array(checkpoints[start..<min(start + 100, checkpoints.count)]), in: tenant, at: time, writing)
                }
            }
        }
    }

    private static func beginPasts(of checkpoints: [Checkpoint], in tenant: Tenant, at time: Timestamp, _ writing: Writing) throws {
        let live = try Subscriptions.live(checkpoints.map(\.key.user), of: tenant, writing)
        var entries: [UserID: [Int64: Document]] = [:]
        let places: [Value] = checkpoints.map { checkpoint in
            let numbers: [Value] = [.int64(checkpoint.number), .int64(checkpoint.number + 1)]
            return [
                "_id.shop_id": .id(tenant.shop), "_id.user_id": .id(checkpoint.key.user), "sequence": ["$in": .array(numbers)],
            ]
        }
        let projection: Document = ["sequence": 1, "recorded_at": 1, "account": 1]
        for entry in try writing.find(
            UsageEvents.schema.name, ["$or": .array(places)], projection: projection, hint: UsageEvents.bySequence)
        {
            entries[try entry.document("_id").id("user_id"), default: [:]][try entry.int64("sequence")] = entry
        }
        let writes = try checkpoints.compactMap { checkpoint -> BulkWrite? in
            let (user, number) = (checkpoint.key.user, checkpoint.number)
            let entry = entries[user]?[number]
            guard entry?["account"] == nil else { return nil }
            var set: Document = [
                "account": .document(try checkpoint.state), "subscription": try UsageEvents.terms(of: live[user], tenant),
            ]
            if entry?["recorded_at"] == nil {
                set.append("recorded_at", .time(try entries[user]?[number + 1]?.optionalTime("recorded_at") ?? time))
                set.append("begins", true)
            }
            if let id = entry?["_id"] { return .updateOne(filter: ["_id": id], update: ["$set": .document(set)]) }
            let step: Document = ["_id": UsageEvents.id(ofStep: number, of: user, tenant), "sequence": .int64(number), "step": true]
            return .insert(Document(step.map { ($0.key, $0.value) } + set.map { ($0.key, $0.value) }))
        }
        do {
            _ = try writing.bulk(UsageEvents.schema.name, writes, ordered: false)
        } catch {
            // Another instance may have been there.
            guard error.kind == .duplicateKey else { throw error as any Error }
        }
    }
}
