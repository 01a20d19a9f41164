import BSON
import Mongo

/// What clients were told, held against the log, and the log against the accounts: read with a driver's words, and by rules of its own.
struct FaultAudit: Equatable {
    /// Events that a client was told of, and that are not in the log.
    var lost = 0
    /// Events in the log with another amount or user than was sent.
    var wrong = 0
    /// Accounts with more than their log.
    var double = 0
    /// Accounts whose sums differ from their log in any other way.
    var drift = 0

    init() {}

    init(of journal: FaultJournal, uri: String) throws {
        let database = try Database(uri: uri, name: "shopmeter", options: .patient)
        defer { database.shutdown() }
        let (events, accounts) = try database.withConnection { connection in
            (try connection.find("usage_events", ["meter": ["$exists": true]]), try connection.find("token_usage", [:]))
        }
        var logs: [String: [(sequence: Int64, amount: Int64)]] = [:]
        var found: Set<FaultJournal.Event> = []
        for event in events {
            let id = try event.document("_id")
            let key = FaultJournal.Event(user: try id.string("user_id"), id: try id.string("event_id"))
            let amount = try event.int64("amount")
            found.insert(key)
            wrong += journal.intended[key] == amount ? 0 : 1
            logs[key.user, default: []].append((try event.int64("sequence"), amount))
        }
        lost = journal.told.subtracting(found).count
        for account in accounts { try hold(account, against: logs) }
        // An account that has no document yet is all in its log.
        drift += found.isEmpty ? 1 : 0
    }

    private mutating func hold(_ account: Document, against logs: [String: [(sequence: Int64, amount: Int64)]]) throws {
        let log = logs[try account.document("_id").string("user_id")] ?? []
        // The document is behind its log by the events after its number.
        let (number, sum) = (try account.int64("sequence"), log.reduce(0) { $0 + $1.amount })
        let after = log.filter { $0.sequence > number }.reduce(0) { $0 + $1.amount }
        let lifetime = try account.int64("total_tokens")
        let days = try ["daily_usage", "monthly_summary"].flatMap { try account.array($0).compactMap(\.asDocument) }
            .reduce(0) { $0 + (try $1.int64("tokens")) }
        double += lifetime + after > sum ? 1 : 0
        drift += lifetime + after < sum || days != lifetime ? 1 : 0
    }
}
