/// Whether use grows.
package enum UsageTrend: String, Sendable {
    case increasing, decreasing, stable

    /// The mean of the last 3 days against the 3 before: above ×1.1, below ×0.9, else stable. Fewer than 6 days are stable.
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

/// What an account's days say of its use of tokens.
package struct UsageAnalytics: Equatable, Sendable {
    /// The mean of the last 7 entries of the daily array.
    package let averageDaily: Double
    /// That mean over the days of the period.
    package let projected: Quantity
    package let trend: UsageTrend
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

/// A message about a subscription's state, as its status shows it.
package struct StatusAlert: Equatable, Sendable {
    package let type: AlertType
    package let message: String
    package let action: String

    /// At most one for the use of tokens, and one for a period that is about to end.
    package static func alerts(tokens: MeterBalance, daysRemaining: Int) -> [StatusAlert] {
        var alerts: [StatusAlert] = []
        let percent = tokens.percentUsed
        if let type = AlertType(percent: percent) {
            alerts.append(StatusAlert(type: type, message: "\(Int(percent))% of the period's tokens are used.", action: type.advice))
        }
        if daysRemaining <= 3 {
            let days = daysRemaining == 1 ? "1 day" : "\(daysRemaining) days"
            alerts.append(StatusAlert(type: .info, message: "The period ends in \(days).", action: "none"))
        }
        return alerts
    }
}
