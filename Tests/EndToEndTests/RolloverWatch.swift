import BSON
import Foundation
import Mongo
import Support

/// A rollover as the database sees it while instances work on it.
struct RolloverWatch {
    let database: Database
    /// The time of the shop, up to which periods are due.
    let now: Int64

    /// Moves the test shop's clock past the admin route, which would close the periods itself.
    static func move(_ shop: String, days: Int64, in database: Database) async throws -> RolloverWatch {
        let now = try await database.run { connection in
            guard let shop = try connection.findOne("shops", ["_id": .string(shop)]) else {
                throw RunningServer.Failure(description: "no shop")
            }
            return try shop.date("now") + days * 86_400_000
        }
        try await database.run { _ = try $0.update("shops", ["_id": .string(shop)], ["$set": ["now": .date(milliseconds: now)]]) }
        return RolloverWatch(database: database, now: now)
    }

    /// Accounts whose period is over.
    func due() async throws -> Int {
        try await database.run { [now] in try $0.count("token_usage", ["current_period_end": ["$lte": .date(milliseconds: now)]]) }
    }

    /// Freezes the owner of the lease, another than `former`, in the middle of its work: fewer accounts than `before` are due, and some. It is
    /// looked at while it is frozen, as it might be done before it is stopped.
    func freezeOwner(among instances: [String: RunningServer], after former: String? = nil, due before: Int) async throws -> String {
        try await soon {
            guard let name = try await Self.owner(in: database), name != former, let owner = instances[name] else { return nil }
            try freeze(owner.processID)
            let due = try await due()
            guard due > 0 else { throw RunningServer.Failure(description: "the rollover was over before it was seen") }
            if due < before, try await Self.owner(in: database) == name { return name }
            kill(owner.processID, SIGCONT)
            return nil
        }
    }

    /// What the passing of time does to the lease of an instance that is gone.
    func endTerm() async throws {
        try await database.run { _ = try $0.update("job_leases", ["_id": "rollover"], ["$set": ["expires_at": .date(milliseconds: 1)]]) }
    }

    /// Who has the lease, or had it last.
    static func owner(in database: Database) async throws -> String? {
        try await database.run { try $0.findOne("job_leases", ["_id": "rollover"]).map { try $0.string("owner") } }
    }

    /// The ends of each user's periods, in order: those that are closed, then the open one's; nil where one does not follow on another or
    /// its number is not the next.
    func chains() async throws -> [String: [Int64]?] {
        let (closes, accounts) = try await database.run { connection in
            (try connection.find("period_closes", [:], sort: ["_id": 1]), try connection.find("token_usage", [:]))
        }
        let closed = try Dictionary(grouping: closes) { try $0.document("_id").string("user_id") }
        return Dictionary(
            uniqueKeysWithValues: try accounts.map { account in
                let user = try account.document("_id").string("user_id")
                return (user, try Self.chain(closed[user] ?? [], account))
            })
    }

    private static func chain(_ closes: [Document], _ account: Document) throws -> [Int64]? {
        let numbers = try closes.map { try $0.document("_id").int64("period_number") } + [account.int64("period_number")]
        guard numbers == Array(1...Int64(closes.count) + 1) else { return nil }
        let summaries = try closes.map { try $0.document("summary") }
        let starts = try summaries.map { try $0.date("period_start") } + [account.date("current_period_start")]
        let ends = try summaries.map { try $0.date("period_end") } + [account.date("current_period_end")]
        return Array(starts.dropFirst()) == ends.dropLast() ? ends : nil
    }
}

/// Asks again and again until there is an answer.
func soon<Answer>(within limit: Duration = .seconds(240), _ ask: () async throws -> Answer?) async throws -> Answer {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let answer = try await ask() { return answer }
    }
    throw RunningServer.Failure(description: "what was waited for did not come")
}
