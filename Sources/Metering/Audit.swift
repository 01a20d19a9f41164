/// What the log says of one account.
package struct AccountLog: Sendable {
    package struct Key: Hashable, Sendable {
        package let meter: Meter
        package let period: Int64

        package init(meter: Meter, period: Int64) {
            self.meter = meter
            self.period = period
        }
    }

    /// Sums over the events of a meter in a period.
    package struct Sums: Equatable, Sendable {
        package var totals: Totals
        package var breakdown: Breakdown

        package init(totals: Totals = Totals(), breakdown: Breakdown = Breakdown()) {
            self.totals = totals
            self.breakdown = breakdown
        }
    }

    package var events: [Key: Sums] = [:]
    /// In order.
    package var closes: [ClosedPeriod] = []
    /// What was bought, by meter.
    package var purchased: [Meter: Quantity] = [:]
    /// What open reservations hold, by meter.
    package var held: [Meter: Quantity] = [:]
    /// The current period's tokens on the days they count on.
    package var days: [DailyUsage] = []

    package init() {}

    package var isEmpty: Bool { events.isEmpty && closes.isEmpty && purchased.isEmpty && held.isEmpty }
}

/// Where an account is not what its log says.
package struct AuditDifference: Equatable, Sendable {
    /// `tokens.used`, `total_tokens`, `period 3 tokens.rollover`.
    package let field: String
    package let expected: String
    package let actual: String

    package init(field: String, expected: String, actual: String) {
        self.field = field
        self.expected = expected
        self.actual = actual
    }
}

extension AccountLog {
    /// Recomputes the account by the rules that made it; empty when it is right.
    package func differences(from account: Account) -> [AuditDifference] {
        var audit = Audit(log: self, account: account)
        audit.run()
        return audit.differences
    }
}

private struct Audit {
    let log: AccountLog
    let account: Account
    var differences: [AuditDifference] = []

    init(log: AccountLog, account: Account) {
        self.log = log
        self.account = account
    }

    mutating func run() {
        compareNumbers()
        for meter in meters { compare(meter) }
        compareTotals()
    }

    private var meters: [Meter] {
        let known = account.meters.map(\.meter) + log.events.keys.map(\.meter) + Array(log.purchased.keys) + Array(log.held.keys)
        return Set(known).sorted { $0.rawValue < $1.rawValue }
    }

    /// Periods are closed one by one, and no event counts in one that is not there.
    private mutating func compareNumbers() {
        expect("period_number", Int64(log.closes.count) + 1, account.periodNumber)
        for (place, close) in log.closes.enumerated() where close.number != Int64(place) + 1 {
            expect("closed period \(place + 1)", Int64(place) + 1, close.number)
        }
        for key in log.events.keys where !(1...max(1, account.periodNumber)).contains(key.period) {
            differences.append(
                AuditDifference(field: "events of \(key.meter) in period \(key.period)", expected: "none", actual: "some"))
        }
    }

    private mutating func compare(_ meter: Meter) {
        var rollover: Quantity = 0
        var drawn: Quantity = 0
        for close in log.closes {
            let sums = log.events[.init(meter: meter, period: close.number)] ?? AccountLog.Sums()
            compareParts(sums, "period \(close.number) \(meter)")
            rollover -= sums.breakdown.fromRollover + sums.breakdown.overflowToDebt
            drawn += sums.breakdown.fromPurchased
            guard var balance = close.balances.first(where: { $0.meter == meter }) else { continue }
            expect("period \(close.number) \(meter).used", sums.breakdown.fromSubscription, balance.used)
            expect("period \(close.number) \(meter).rollover", rollover, balance.rollover)
            balance.carryOver()
            let carried = close.summary.meters.first { $0.meter == meter }?.carriedOver
            expect("period \(close.number) \(meter).carried_over", balance.rollover, carried ?? 0)
            rollover = balance.rollover
        }
        let sums = log.events[.init(meter: meter, period: account.periodNumber)] ?? AccountLog.Sums()
        compareParts(sums, "\(meter)")
        let balance = account.balance(of: meter)
        expect("\(meter).used", sums.breakdown.fromSubscription, balance.used)
        expect("\(meter).rollover", rollover - sums.breakdown.fromRollover - sums.breakdown.overflowToDebt, balance.rollover)
        expect("\(meter).purchased", (log.purchased[meter] ?? 0) - drawn - sums.breakdown.fromPurchased, balance.purchased)
        expect("\(meter).reserved", log.held[meter] ?? 0, balance.reserved)
    }

    private mutating func compareParts(_ sums: AccountLog.Sums, _ place: String) {
        let parts = sums.breakdown
        let sum = parts.fromSubscription + parts.fromRollover + parts.fromPurchased + parts.overflowToDebt
        expect("\(place) breakdown of events", sums.totals.tokens, sum)
    }

    private mutating func compareTotals() {
        var lifetime = Totals()
        for (key, sums) in log.events where key.meter == .tokens { lifetime.add(sums.totals) }
        compare("total", lifetime, account.lifetime)
        let days = Set(log.days.map(\.day)).union(account.daily.map(\.day)).sorted()
        for day in days {
            let expected = log.days.first { $0.day == day }?.totals ?? Totals()
            compare("daily_usage \(day.iso)", expected, account.daily.first { $0.day == day }?.totals ?? Totals())
        }
    }

    private mutating func compare(_ place: String, _ expected: Totals, _ actual: Totals) {
        expect("\(place) tokens", expected.tokens, actual.tokens)
        expect("\(place) queries", expected.queries, actual.queries)
        expect("\(place) peak_tokens", expected.peak, actual.peak)
    }

    private mutating func expect(_ field: String, _ expected: Quantity, _ actual: Quantity) {
        guard expected != actual else { return }
        differences.append(AuditDifference(field: field, expected: "\(expected)", actual: "\(actual)"))
    }
}
