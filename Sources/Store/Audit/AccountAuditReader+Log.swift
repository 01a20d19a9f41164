internal import BSON
internal import Metering
internal import Mongo

/// Reads the log of a page. The server sums amounts up as decimals, as its sum of longs is a double past 2^63.
extension AccountAuditReader {
    mutating func readLogs() throws {
        try readEvents()
        try readCloses()
        try readVoids()
        try readAdjustments()
        try readSums(of: "$amount", Purchases.schema.name, where: [:]) { $0.purchased[$1] = $2 }
        try readSums(of: "$outstanding", Reservations.schema.name, where: ["state": "open"]) { $0.held[$1] = $2 }
        try readBills()
    }

    /// Sums the events up by meter and period; those of tokens in an account's current period also by the day on which they count.
    private mutating func readEvents() throws {
        let id: Document = [
            "user": "$_id.user_id", "meter": "$meter", "period": "$period_number",
            "day": CountingDays(Array(accounts.values)).expression,
        ]
        let group: Document = [
            "_id": .document(id), "amount": .sum(of: "$amount"), "count": ["$sum": 1], "peak": ["$max": "$amount"],
            "subscription": .sum(of: "$breakdown.from_subscription"), "rollover": .sum(of: "$breakdown.from_rollover"),
            "purchased": .sum(of: "$breakdown.from_purchased"), "debt": .sum(of: "$breakdown.overflow_to_debt"),
            "kept": .sum(of: EventAmount.kept), "kept_count": ["$sum": EventAmount.keptCount], "kept_peak": ["$max": EventAmount.kept],
            "counted": .sum(of: EventAmount.counted), "counted_count": ["$sum": EventAmount.countedCount],
            "counted_peak": ["$max": EventAmount.counted],
        ]
        // Events of no period change no balance: imported history. Steps have no period.
        var match = range.ids(then: "event_id")
        match["period_number"] = ["$gt": 0]
        let pipeline: [Document] = [["$match": .document(match)], ["$group": .document(group)]]
        try snapshot.forEachAggregated(UsageEvents.schema.name, pipeline) { row in
            let id = try row.document("_id")
            events += try row.sum("count")
            _ = reading(of: try id.id("user")) { log in
                let sums = try AccountLog.Sums(row)
                log.events[AccountLog.MeterPeriod(try id.id("meter"), in: try id.int64("period")), default: AccountLog.Sums()].add(sums)
                if try id.optionalString("day") != nil { log.days[try id.day("day")] = sums.counted }
            }
        }
    }

    /// The sums of what voids gave back, by the period in which they did.
    private mutating func readVoids() throws {
        let group: Document = [
            "_id": ["user": "$user_id", "meter": "$meter", "period": "$period_number"],
            "subscription": .sum(of: "$returned.to_subscription"), "rollover": .sum(of: "$returned.to_rollover"),
            "purchased": .sum(of: "$returned.to_purchased"), "debt": .sum(of: "$returned.from_debt"), "billed": .sum(of: "$overage"),
        ]
        try readCorrections(EventVoids.schema.name, group) { row in
            AccountLog.Correction(
                used: -(try row.sum("subscription")), rollover: try row.sum("rollover") + row.sum("debt") - row.sum("billed"),
                purchased: try row.sum("purchased"))
        }
    }

    private mutating func readAdjustments() throws {
        let group: Document = [
            "_id": ["user": "$user_id", "meter": "$meter", "period": "$period_number"], "paid": .sum(of: "$paid_debt"),
            "opened": .sum(of: "$to_rollover"), "given": .sum(of: "$to_purchased"), "subscription": .sum(of: "$taken.from_subscription"),
            "rollover": .sum(of: "$taken.from_rollover"), "purchased": .sum(of: "$taken.from_purchased"),
            "debt": .sum(of: "$taken.overflow_to_debt"),
        ]
        try readCorrections(Adjustments.schema.name, group) { row in
            AccountLog.Correction(
                used: try row.sum("subscription"),
                rollover: try row.sum("paid") + row.sum("opened") - row.sum("rollover") - row.sum("debt"),
                purchased: try row.sum("given") - row.sum("purchased"))
        }
    }

    private mutating func readCorrections(
        _ collection: String, _ group: Document, _ correction: (Document) throws -> AccountLog.Correction
    ) throws {
        let pipeline: [Document] = [["$match": .document(range.users)], ["$group": .document(group)]]
        try snapshot.forEachAggregated(collection, pipeline) { row in
            let id = try row.document("_id")
            _ = reading(of: try id.id("user")) { log in
                let key = AccountLog.MeterPeriod(try id.id("meter"), in: try id.int64("period"))
                log.corrections[key, default: AccountLog.Correction()].add(try correction(row))
            }
        }
    }

    private mutating func readCloses() throws {
        try snapshot.forEach(PeriodCloses.schema.name, range.ids(then: "period_number"), sort: ["_id": 1]) { document in
            _ = reading(of: try document.document("_id").id("user_id")) { $0.closes.append(try ClosedPeriod(document)) }
        }
    }

    private mutating func readBills() throws {
        let inOrder: Document = ["_id.shop_id": 1, "user_id": 1]
        try snapshot.forEach(Invoices.schema.name, range.users, sort: inOrder) { document in
            _ = reading(of: try document.id("user_id")) { log in
                log.bills.invoices.append(.init(try Invoice(document), total: try document.money("total")))
            }
        }
        try snapshot.forEach(BillingTransactions.schema.name, range.users, sort: inOrder) { document in
            _ = reading(of: try document.id("user_id")) { $0.bills.transactions.append(try RecordedTransaction(document).transaction) }
        }
        try snapshot.forEach(CreditNotes.schema.name, range.users, sort: inOrder) { document in
            _ = reading(of: try document.id("user_id")) { $0.bills.notes.append(try CreditNote(document)) }
        }
        var withCredit = range.users(shop: "shop_id")
        withCredit["$or"] = [["credit_balance": ["$ne": 0]], ["other_credit.0": ["$exists": true]]]
        let fields: Document = ["user_id": 1, "currency": 1, "credit_balance": 1, "other_credit": 1]
        try snapshot.forEach(
            Subscriptions.schema.name, withCredit, sort: ["shop_id": 1, "user_id": 1], projection: fields
        ) { document in
            _ = reading(of: try document.id("user_id")) { log in
                for (currency, amount) in try document.credit() { log.bills.credit[currency, default: .zero] += amount }
            }
        }
    }

    /// Sums a field of the collection's documents up by user and meter.
    private mutating func readSums(
        of field: Value, _ collection: String, where filter: Document, _ keep: (inout AccountLog, Meter, Int128) -> Void
    ) throws {
        var match = range.users
        for (key, value) in filter { match.append(key, value) }
        let group: Document = ["_id": ["user": "$user_id", "meter": "$meter"], "sum": .sum(of: field)]
        try snapshot.forEachAggregated(collection, [["$match": .document(match)], ["$group": .document(group)]]) { row in
            let id = try row.document("_id")
            _ = reading(of: try id.id("user")) { keep(&$0, try id.id("meter"), try row.sum("sum")) }
        }
    }
}

/// The server's expression for the day on which an event of tokens counts in its account's current period; null for other events.
private struct CountingDays {
    let accounts: [Account]

    init(_ accounts: [Account]) { self.accounts = accounts }

    var expression: Value {
        let index: Value = ["$indexOfArray": .array([literal { .id($0.user) }, "$_id.user_id"])]
        let day: Value = ["$dateToString": ["format": "%Y-%m-%d", "date": time]]
        return ["$let": ["vars": ["i": index], "in": ["$cond": .array([isCurrent, day, .null])]]]
    }

    private var isCurrent: Value {
        [
            "$and": [
                ["$gte": ["$$i", 0]], ["$eq": ["$meter", .id(Meter.tokens)]],
                ["$eq": ["$period_number", element { .int64($0.periodNumber) }]],
            ]
        ]
    }

    /// By the rule of `Account.countingDay`: an event outside the period counts on the period's first day.
    private var time: Value {
        let start = element { .time($0.period.start) }
        let isWithin: Value = ["$and": [["$gte": ["$at", start]], ["$lt": ["$at", element { .time($0.period.end) }]]]]
        return ["$cond": .array([isWithin, "$at", start])]
    }

    private func element(_ field: (Account) -> Value) -> Value { ["$arrayElemAt": .array([literal(field), "$$i"])] }

    private func literal(_ field: (Account) -> Value) -> Value { ["$literal": .array(accounts.map(field))] }
}

extension AccountLog.Sums {
    fileprivate init(_ row: Document) throws {
        self.init(
            tally: AccountLog.Tally(amount: try row.sum("amount"), count: try row.sum("count"), peak: try row.int64("peak")),
            counted: AccountLog.Tally(
                amount: try row.sum("counted"), count: try row.sum("counted_count"), peak: try row.int64("counted_peak")),
            kept: AccountLog.Tally(amount: try row.sum("kept"), count: try row.sum("kept_count"), peak: try row.int64("kept_peak")),
            fromSubscription: try row.sum("subscription"), fromRolloverAndDebt: try row.sum("rollover") + row.sum("debt"),
            fromPurchased: try row.sum("purchased"))
    }
}

extension Value {
    /// The sum of a field as a decimal. A value that is no number counts as 0, so that the audit finds a difference.
    fileprivate static func sum(of field: Value) -> Value {
        ["$sum": ["$convert": ["input": field, "to": "decimal", "onError": 0, "onNull": 0]]]
    }
}

extension Document {
    fileprivate func sum(_ key: String) throws -> Int128 {
        if let whole = self[key]?.asInt64 { return Int128(whole) }
        guard let sum = Int128(try decimal(key).description) else { throw StoreError(.invalid, "\(key) is not a whole number.") }
        return sum
    }
}
