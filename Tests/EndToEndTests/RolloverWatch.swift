import BSON
import Foundation
import Mongo
import Support

/// Watches a rollover through the database while instances of the service work on it.
struct RolloverWatch {
    let database: Database
    /// The shop's time in milliseconds since 1970: periods that end up to here are due.
    let now: Int64

    /// Moves the test shop's clock in the database, as the admin route would close the periods itself.
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

    /// How many accounts have a period that is over and not closed.
    func due() async throws -> Int {
        try await database.run { [now] in try $0.count("token_usage", ["current_period_end": ["$lte": .date(milliseconds: now)]]) }
    }

    /// Freezes the owner of the rollover's lease in the middle of its work, and returns its name. The lease and the accounts are polled, as the
    /// database alone knows them; they are counted while the owner is frozen, as it might be done before it is stopped.
    /// - Parameters:
    ///   - former: an owner of before, that is not meant.
    ///   - before: how many accounts were due when it began; in the middle, fewer are, but not none.
    func freezeOwner(among instances: [String: RunningServer], after former: String? = nil, due before: Int) async throws -> String {
        try await poll(within: .seconds(240)) {
            guard let name = try await Self.owner(in: database), name != former, let owner = instances[name] else { return nil }
            try freeze(owner.processID)
            let due = try await due()
            guard due > 0 else { throw RunningServer.Failure(description: "the rollover was over before it was seen") }
            if due < before, try await Self.owner(in: database) == name { return name }
            kill(owner.processID, SIGCONT)
            return nil
        }
    }

    /// Ends the term of the rollover's lease, as the passing of time does after its owner is gone.
    func endTerm() async throws {
        try await database.run { _ = try $0.update("job_leases", ["_id": "rollover"], ["$set": ["expires_at": .date(milliseconds: 1)]]) }
    }

    /// The name of the instance that holds the rollover's lease, or held it last.
    static func owner(in database: Database) async throws -> String? {
        try await database.run { try $0.findOne("job_leases", ["_id": "rollover"]).map { try $0.string("owner") } }
    }

    /// The ends of each user's periods in milliseconds since 1970: those of the closed periods in order, then the open one's. Nil for a user with a
    /// period that does not begin where the one before ended, or whose number is not the next.
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
