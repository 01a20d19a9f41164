/// A number or a word of an account that is not what its log says.
package struct AuditDifference: Equatable, Sendable {
    /// The name of the number or word: `tokens.used`, `total_tokens`, `daily_usage 2026-11-02 tokens`, `period 3 tokens.rollover`.
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
    /// Works the account out again by the rules that made it. Empty when the account is right; else each difference, in a fixed order.
    package func differences(from account: Account?) -> [AuditDifference] {
        if let unreadable { return [AuditDifference("stored document", expected: "one that can be read", actual: unreadable)] }
        guard let account else { return [AuditDifference("account", expected: "one for its \(contents)", actual: "none")] }
        var audit = Audit(log: self, account: account)
        audit.run()
        return audit.differences
    }

    /// The kinds of entries that the log has, in words.
    private var contents: String {
        let contents = [
            ("events", events.isEmpty), ("closed periods", closes.isEmpty), ("purchases", purchased.isEmpty), ("holds", held.isEmpty),
            ("invoices", bills.invoices.isEmpty), ("transactions", bills.transactions.isEmpty), ("credit_notes", bills.notes.isEmpty),
        ]
        return contents.filter { !$0.1 }.map(\.0).joined(separator: ", ")
    }
}

/// Holds an account against its log, step by step. Each step starts from what the step before has stored, and not from what it should have:
/// so one wrong number is told once, and not again of everything after it.
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

    /// Every meter that the account or the log names, by name.
    private var meters: [Meter] {
        let known = account.meters.map(\.meter) + log.closes.flatMap { $0.balances.map(\.meter) }
        let logged = log.events.keys.map(\.meter) + Array(log.purchased.keys) + Array(log.held.keys) + log.corrections.keys.map(\.meter)
        return Set(known + logged).sorted()
    }

    /// The numbers of periods have no gaps, and each event counts in one of them.
    private mutating func compareNumbers() {
        var next: Int128 = 1
        for close in log.closes {
            expect("closed period", next, close.number)
            next = Int128(close.number) + 1
        }
        expect("period_number", next, account.periodNumber)
        let strays = log.events.filter { $0.key.period < 1 || $0.key.period > account.periodNumber }
        for (counted, sums) in strays.sorted(by: { ($0.key.period, $0.key.meter.rawValue) < ($1.key.period, $1.key.meter.rawValue) }) {
            expect("period \(counted.period) \(counted.meter) events", 0, sums.tally.count)
        }
    }

    /// One meter, from its first closed period to its balance now.
    private mutating func compare(_ meter: Meter) {
        var rollover: Int128 = 0
        for close in log.closes {
            compare(meter, at: close, carriedOver: rollover)
            rollover = Int128(close.carriedOver(of: meter))
        }
        let sums = log[meter, in: account.periodNumber]
        let (balance, corrected) = (account.balance(of: meter), log.correction(of: meter, in: account.periodNumber))
        compareParts(of: sums, "\(meter)")
        expect("\(meter).used", sums.fromSubscription + Int128(balance.opening) + corrected.used, balance.used)
        let changed = forgiven(of: meter, in: account.periodNumber) + corrected.rollover
        expect("\(meter).rollover", rollover - sums.fromRolloverAndDebt + changed, balance.rollover)
        expect("\(meter).purchased", (log.purchased[meter] ?? 0) - drawn(from: meter), balance.purchased)
        expect("\(meter).reserved", log.held[meter] ?? 0, balance.reserved)
    }

    /// The debt that bills within the period have forgiven; its end says its own.
    func forgiven(of meter: Meter, in period: Int64) -> Int128 {
        log.bills.invoices.reduce(0) { sum, stored in
            let bill = stored.invoice.bill
            guard bill.kind == .change, bill.periodNumber == period else { return sum }
            return bill.lines.reduce(sum) { $1.meter == meter ? $0 + Int128($1.quantity ?? 0) : $0 }
        }
    }

    /// The sum that the events of all periods took from the meter's purchases, less what corrections have given.
    private func drawn(from meter: Meter) -> Int128 {
        let taken = log.events.reduce(0) { $1.key.meter == meter ? $0 + $1.value.fromPurchased : $0 }
        return log.corrections.reduce(taken) { $1.key.meter == meter ? $0 - $1.value.purchased : $0 }
    }

    /// The totals of all tokens, and of each day of the present period.
    private mutating func compareTotals() {
        var lifetime = AccountLog.Tally()
        for (counted, sums) in log.events where counted.meter == .tokens { lifetime.add(sums.kept) }
        compare(("total_tokens", "total_queries", "peak_tokens"), lifetime, account.lifetime)
        let kept = Dictionary(account.daily.map { ($0.day, $0.totals) }, uniquingKeysWith: { first, _ in first })
        for day in Set(log.days.keys).union(kept.keys).sorted() {
            let field = "daily_usage \(day.iso)"
            let names = ("\(field) tokens", "\(field) queries", "\(field) peak_tokens")
            compare(names, log.days[day] ?? AccountLog.Tally(), kept[day] ?? Totals())
        }
    }
}

extension Audit {
    /// The parts of the events' breakdowns add up to their amounts.
    mutating func compareParts(of sums: AccountLog.Sums, _ field: String) {
        let parts = sums.fromSubscription + sums.fromRolloverAndDebt + sums.fromPurchased
        expect("\(field) breakdown of events", sums.tally.amount, parts)
    }

    /// `names`: of the fields for tokens, queries and the peak.
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

/// How much an audit reads at one instant, at most. A user's or a wallet's log is read whole, so that a single one may have more entries.
package struct AuditSize: Equatable, Sendable {
    /// Accounts, or wallets.
    package let accounts: Int
    /// Documents of each collection of the log.
    package let entries: Int

    package init(accounts: Int = 50, entries: Int = 20_000) {
        self.accounts = accounts
        self.entries = entries
    }

    /// Half of this size, for what took longer to read than the database keeps an instant; nil for a single account.
    package var halved: AuditSize? {
        accounts > 1 ? AuditSize(accounts: accounts / 2, entries: max(1, entries / 2)) : nil
    }
}
