/// How urgent a message to a shop is.
package enum AlertType: String, Equatable, Sendable {
    case info, warning, error

    /// The urgency of a percentage of the limit: `error` from 90, `warning` from 75, `info` from 50, nil below.
    package init?(percent: Double) {
        switch percent {
        case 90...: self = .error
        case 75...: self = .warning
        case 50...: self = .info
        default: return nil
        }
    }

    /// The action that is advised, as answers name it.
    package var advice: String {
        switch self {
        case .info: "none"
        case .warning: "consider_upgrade"
        case .error: "upgrade_plan"
        }
    }
}

/// An event made the use of a limit reach a percentage of it: told once per period and meter.
package struct ThresholdAlert: Equatable, Sendable {
    package let meter: Meter
    package let percent: Int

    package init(meter: Meter, percent: Int) {
        self.meter = meter
        self.percent = percent
    }

    /// The percentages of a limit that are told.
    package static let defaultThresholds = [50, 75, 80, 90, 100]

    package var type: AlertType { AlertType(percent: Double(percent)) ?? .info }

    package var message: String {
        percent >= 100 ? "The allowance of \(meter) is used up." : "\(percent)% of the allowance of \(meter) is used."
    }
}

extension MeterBalance {
    /// Sets what counts as told for another limit.
    mutating func rearm(for limit: Limit, isLarger: Bool, _ thresholds: [Int] = ThresholdAlert.defaultThresholds) {
        alerted = 0
        guard let limit = limit.quantity, limit > 0 else { return }
        let reached = thresholds.filter { Int128(used) * 100 >= Int128(limit) * Int128($0) }
        alerted = (isLarger ? reached : reached.dropLast()).last ?? 0
    }

    /// The thresholds (percentages, rising) that U ÷ L has reached and that were not told in this period; marks them as told. Without a
    /// limit, and of a limit of 0, there are none.
    mutating func reportCrossed(_ thresholds: [Int]) -> [ThresholdAlert] {
        guard let limit = limit.quantity, limit > 0 else { return [] }
        let crossed = thresholds.filter { $0 > alerted && Int128(used) * 100 >= Int128(limit) * Int128($0) }
        alerted = crossed.max() ?? alerted
        return crossed.map { ThresholdAlert(meter: meter, percent: $0) }
    }
}

/// A message about an account as it is now.
package struct StatusAlert: Equatable, Sendable {
    package let type: AlertType
    package let message: String
    package let action: String

    /// At most two: for tokens from 50 % on, and for a period with 3 whole days left or fewer; nil: there is no such period.
    package static func alerts(tokens: MeterBalance, daysRemaining: Int?) -> [StatusAlert] {
        var alerts: [StatusAlert] = []
        let percent = tokens.percentUsed
        if let type = AlertType(percent: percent) {
            alerts.append(StatusAlert(type: type, message: "\(Int(percent))% of the period's tokens are used.", action: type.advice))
        }
        if let daysRemaining, daysRemaining <= 3 {
            let days = daysRemaining == 1 ? "1 day" : "\(daysRemaining) days"
            alerts.append(StatusAlert(type: .info, message: "The period ends in \(days).", action: "none"))
        }
        return alerts
    }
}
