import BSON
import Metering
import Mongo
import Service
import Testing

/// One document that was changed behind the service's back, and what an audit is to say of it.
struct Tampering: Sendable {
    let collection: String
    let filter: Document
    let update: Document
    let fields: [String]

    init(_ collection: String, _ filter: Document, _ update: Document, _ fields: [String]) {
        (self.collection, self.filter, self.update, self.fields) = (collection, filter, update, fields)
    }

    static let all = accounts + closes + logs

    private static let accounts = [
        account(["$inc": ["meters.0.used": 1]], ["tokens.used"]), account(["$inc": ["meters.0.rollover": -1]], ["tokens.rollover"]),
        account(["$inc": ["meters.0.purchased": 1]], ["tokens.purchased"]),
        account(["$inc": ["meters.0.reserved": 1]], ["tokens.reserved"]),
        account(["$inc": ["meters.1.rollover": 1]], ["api_calls.rollover"]),
        account(["$inc": ["total_tokens": 1, "total_queries": 1]], ["total_tokens", "total_queries"]),
        account(["$inc": ["peak_tokens": 1]], ["peak_tokens"]),
        account(["$inc": ["daily_usage.0.peak_tokens": 1]], ["daily_usage 2027-04-19 peak_tokens"]),
        account(["$set": ["monthly_summary.1.tokens": .int64(1)]], ["monthly_summary of period 2"]),
        account(["$set": ["sequence": "one"]], ["stored document"]), account(["$set": ["meters": 5]], ["stored document"]),
    ]

    private static let closes = [
        close(["$inc": ["balances.0.rollover": 5]], ["period 1 tokens.rollover", "period 1 tokens.carried_over"]),
        close(["$inc": ["balances.0.used": 5]], ["period 1 tokens.used", "period 1 tokens.carried_over"]),
        close(["$inc": ["summary.tokens": 5]], ["period 1 summary tokens", "monthly_summary of period 1"]),
        close(["$unset": ["balances": ""]], ["stored document"]),
    ]

    private static let logs = [
        event(["$inc": ["breakdown.from_subscription": 5]], ["tokens breakdown of events", "tokens.used"]),
        event(["$inc": ["amount": 5]], ["tokens breakdown of events", "total_tokens"] + day("2027-04-19", "tokens", "peak_tokens")),
        event(["$set": ["amount": "700"]], ["stored document"]),
        event(["$set": ["at": time("2027-04-20T00:00:00Z")]], day("2027-04-19") + day("2027-04-20")),
        event(["$set": ["at": time("2026-01-20T00:00:00Z")]], []), event(["$unset": ["meter": ""]], ["stored document"]),
        Tampering(
            "reservations", ["_id.reservation_id": "open"], ["$inc": ["outstanding": 5]], ["tokens.reserved"]),
        Tampering("reservations", ["_id.reservation_id": "open"], ["$set": ["state": "released"]], ["tokens.reserved"]),
        Tampering("purchases", ["_id.purchase_id": "p"], ["$inc": ["amount": 5]], ["tokens.purchased"]),
        Tampering("purchases", ["_id.purchase_id": "p"], ["$set": ["amount": .int64(.max)]], ["tokens.purchased"]),
    ]

    private static func account(_ update: Document, _ fields: [String]) -> Tampering {
        Tampering("token_usage", ["_id.user_id": "u"], update, fields)
    }

    private static func close(_ update: Document, _ fields: [String]) -> Tampering {
        Tampering("period_closes", ["_id.user_id": "u", "_id.period_number": .int64(1)], update, fields)
    }

    private static func event(_ update: Document, _ fields: [String]) -> Tampering {
        Tampering("usage_events", ["_id.event_id": "last"], update, fields)
    }

    private static func day(_ day: String, _ parts: String...) -> [String] {
        (parts.isEmpty ? ["tokens", "queries", "peak_tokens"] : parts).map { "daily_usage \(day) \($0)" }
    }

    private static func time(_ text: String) -> Value { .date(milliseconds: Timestamp(rfc3339: text)?.milliseconds ?? 0) }

    /// Changes the document for as long as the body takes.
    func apply(to database: Database, _ body: () async throws -> Void) async throws {
        let original = try await database.run { connection in
            let original = try #require(try connection.findOne(collection, filter))
            let reply = try connection.command(command(filter, update))
            #expect(try reply.int64("nModified") == 1)
            return original
        }
        try await body()
        try await database.run { connection in
            let id: Document = ["_id": try #require(original["_id"])]
            _ = try connection.deleteOne(collection, id)
            try connection.insert(collection, [original])
        }
    }

    private func command(_ filter: Document, _ update: Document) -> Document {
        [
            "update": .string(collection), "bypassDocumentValidation": true,
            "updates": [["q": .document(filter), "u": .document(update)]],
        ]
    }
}
