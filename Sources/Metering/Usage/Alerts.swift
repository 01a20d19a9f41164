/// How urgent a message to a shop is.
package enum AlertType: String, Equatable, Sendable {
    case info, warning, error

    /// `error` from 90 %, `warning` from 75 %, `info` from 50 %, nil below.
    package init?(percent: Double) {
        switch percent {
        case 90...: self = .error
        case 75...: self = .warning
        case 50...: self = .info
        default: return nil
        }
    }

    package var advice: String {
        switch self {
        case .info: "none"
        case .warning: "consider_upgrade"
        case .error: "upgrade_plan"
        }
    }
}

/// An event made the use of an allowance cross a percentage: said once per period and meter.
package struct ThresholdAlert: Equatable, Sendable {
    package let meter: Meter
    package let percent: Int

    package init(meter: Meter, percent: Int) {
        self.meter = meter
        self.percent = percent
    }

    /// Percentages of an allowance that are reported.
    package static let standard = [50, 75, 80, 90, 100]

    package var type: AlertType { AlertType(percent: Double(percent)) ?? .info }

    package var message: String {
        percent >= 100 ? "The allowance of \(meter) is used up." : "\(percent)% of the allowance of \(meter) is used."
    }
}

extension MeterBalance {
    /// The thresholds that the use has reached and that were not reported in this period; marks them as reported.
    mutating func reportCrossed(_ thresholds: [Int]) -> [ThresholdAlert] {
        guard let limit = limit.quantity, limit > 0 else { return [] }
        let crossed = thresholds.filter { $0 > alerted && Int128(used) * 100 >= Int128(limit) * Int128($0) }
        alerted = crossed.max() ?? alerted
        return crossed.map { ThresholdAlert(meter: meter, percent: $0) }
    }
}
