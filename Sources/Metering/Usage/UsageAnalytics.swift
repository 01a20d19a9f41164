/// Whether the use of tokens grows.
package enum UsageTrend: String, Sendable {
    case increasing, decreasing, stable

    /// Compares the mean of the last 3 days with the mean of the 3 days before: above 1.1 times it is increasing, below 0.9 times
    /// decreasing. Fewer than 6 days are stable.
    package init(daily: [Quantity]) {
        guard daily.count >= 6 else {
            self = .stable
            return
        }
        let recent = daily.suffix(3).reduce(0) { $0 + Int128($1) }
        let before = daily.dropLast(3).suffix(3).reduce(0) { $0 + Int128($1) }
        self = recent * 10 > before * 11 ? .increasing : recent * 10 < before * 9 ? .decreasing : .stable
    }
}

/// Numbers about an account's use of tokens in its period. They count days on which tokens were used; a day without use is not there.
package struct UsageAnalytics: Equatable, Sendable {
    /// The mean of the last 7 days, in tokens.
    package let averageDaily: Double
    /// The tokens of a whole period at that mean, at most `Quantity.largest`.
    package let projected: Quantity
    package let trend: UsageTrend
    /// Whole days to the period's end.
    package let daysRemaining: Int
    package let averagePerQuery: Double

    package init(of account: Account, at now: Timestamp) {
        let tokens = account.daily.map(\.totals.tokens)
        let last = tokens.suffix(7)
        let sum = last.reduce(0) { $0 + Int128($1) }
        averageDaily = last.isEmpty ? 0 : Double(sum) / Double(last.count)
        projected = Quantity(min(Double(Quantity.largest), (averageDaily * Double(account.period.days)).rounded()))
        trend = UsageTrend(daily: tokens)
        daysRemaining = account.period.daysRemaining(at: now)
        averagePerQuery = account.periodTotals.average
    }
}
