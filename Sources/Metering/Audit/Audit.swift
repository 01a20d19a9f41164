/// Where an account is not what its log says.
package struct AuditDifference: Equatable, Sendable {
    /// `tokens.used`, `total_tokens`, `daily_usage 2026-11-02 tokens`, `period 3 tokens.rollover`.
    package let field: String
    package let expected: String
    package let actual: String

    package init(_ field: String, expected: String, actual: String) {
        self.field = field
        self.expected = expected
        self.actual = actual
    }
}

extension AccountLog {
    /// Recomputes the account by the rules that made it; empty when it is right.
    package func differences(from account: Account?) -> [AuditDifference] {
        if let unreadable { return [AuditDifference("stored document", expected: "one that can be read", actual: unreadable)] }
        guard let account else { return [AuditDifference("account", expected: "one for its \(contents)", actual: "none")] }
        var audit = Audit(log: self, account: account)
        audit.run()
        return audit.differences
    }

    private var contents: String {
        let contents = [
            ("events", events.isEmpty), ("closed periods", closes.isEmpty), ("purchases", purchased.isEmpty), ("holds", held.isEmpty),
            ("invoices", bills.invoices.isEmpty),
            ("transactions", bills.movements.isEmpty),
        ]
        return contents.filter { !$0.1 }.map(\.0).joined(separator: ", ")
    }
}

/// Each link of the account's history is checked by itself, so that one wrong number is not told again of everything after it.
struct Audit {
    let log: AccountLog
    let account: Account
    private(set) var differences: [AuditDifference] = []

    init(log: AccountLog, account: Account) {
        self.log = log
        self.account = account
    }

    mutating func run() {
        compareNumbers()
        for meter in meters { compare(meter) }
        for close in log.closes { compareSummary(of: close) }
        compareSummaries()
        compareTotals()
        compareBills()
    }

    private var meters: [Meter] {
        let known = account.meters.map(\.meter) + log.closes.flatMap { $0.balances.map(\.meter) }
        let logged = log.events.keys.map(\.meter) + Array(log.purchased.keys) + Array(log.held.keys)
        return Set(known + logged).sorted { $0.rawValue < $1.rawValue }
    }

    /// Periods are closed one by one, and no event counts in one that is not there.
    private mutating func compareNumbers() {
        var next: Int128 = 1
        for close in log.closes {
            expect("closed period", next, close.number)
            next = Int128(close.number) + 1
        }
        expect("period_number", next, account.periodNumber)
        let strays = log.events.filter { $0.key.period < 1 || $0.key.period > account.periodNumber }
        for (place, sums) in strays.sorted(by: { ($0.key.period, $0.key.meter.rawValue) < ($1.key.period, $1.key.meter.rawValue) }) {
            expect("period \(place.period) \(place.meter) events", 0, sums.tally.count)
        }
    }

    private mutating func compare(_ meter: Meter) {
        var rollover: Int128 = 0
        for close in log.closes {
            compare(meter, at: close, carriedOver: rollover)
            rollover = Int128(close.carriedOver(of: meter))
        }
        let sums = log[meter, in: account.periodNumber]
        let balance = account.balance(of: meter)
        compareParts(of: sums, "\(meter)")
        expect("\(meter).used", sums.fromSubscription, balance.used)
        expect("\(meter).rollover", rollover - sums.fromRolloverAndDebt, balance.rollover)
        expect("\(meter).purchased", (log.purchased[meter] ?? 0) - drawn(from: meter), balance.purchased)
        expect("\(meter).reserved", log.held[meter] ?? 0, balance.reserved)
    }

    /// What events took from purchases, in whichever period.
    private func drawn(from meter: Meter) -> Int128 {
        log.events.reduce(0) { $1.key.meter == meter ? $0 + $1.value.fromPurchased : $0 }
    }

    private mutating func compareTotals() {
        var lifetime = AccountLog.Tally()
        for (place, sums) in log.events where place.meter == .tokens { lifetime.add(sums.tally) }
        compare(("total_tokens", "total_queries", "peak_tokens"), lifetime, account.lifetime)
        let kept = Dictionary(account.daily.map { ($0.day, $0.totals) }, uniquingKeysWith: { first, _ in first })
        for day in Set(log.days.keys).union(kept.keys).sorted() {
            let place = "daily_usage \(day.iso)"
            let names = ("\(place) tokens", "\(place) queries", "\(place) peak_tokens")
            compare(names, log.days[day] ?? AccountLog.Tally(), kept[day] ?? Totals())
        }
    }
}

extension Audit {
    mutating func compareParts(of sums: AccountLog.Sums, _ place: String) {
        let parts = sums.fromSubscription + sums.fromRolloverAndDebt + sums.fromPurchased
        expect("\(place) breakdown of events", sums.tally.amount, parts)
    }

    mutating func compare(_ names: (String, String, String), _ expected: AccountLog.Tally, _ actual: Totals) {
        expect(names.0, expected.amount, actual.tokens)
        expect(names.1, expected.count, actual.queries)
        expect(names.2, expected.peak, actual.peak)
    }

    mutating func expect(_ field: String, _ expected: some BinaryInteger, _ actual: some BinaryInteger) {
        guard expected != actual else { return }
        differ(field, expected: "\(expected)", actual: "\(actual)")
    }

    mutating func expect(_ field: String, _ expected: Money, _ actual: Money) {
        guard expected != actual else { return }
        differ(field, expected: expected.text, actual: actual.text)
    }

    mutating func differ(_ field: String, expected: String, actual: String) {
        differences.append(AuditDifference(field, expected: expected, actual: actual))
    }
}
