internal import Metering

/// `BILLING_LIMIT_{FREE,PREMIUM,PRO}_{API_CALLS,TOKENS}`: what a month's consumption on plans of these names is held against. Those of `free`
/// are also what shops get that have no plan of that name.
enum BillingLimits {
    private static let meters = [("API_CALLS", Meter.apiCalls), ("TOKENS", Meter.tokens)]

    /// Those that are set.
    static func read(_ invocation: Invocation) throws(UsageError) -> [PlanName: [Meter: Limit]] {
        var limits: [PlanName: [Meter: Limit]] = [:]
        for plan in ["free", "premium", "pro"] {
            for (suffix, meter) in meters {
                let limit = try setting("BILLING_LIMIT_\(plan.uppercased())_\(suffix)").read(invocation)
                if let limit { limits[PlanName(stored: plan), default: [:]][meter] = limit }
            }
        }
        return limits
    }

    private static func setting(_ variable: String) -> Setting<Limit> {
        Setting(variable: variable, expected: "a whole number from 0 to \(Quantity.largest), or unlimited") { text in
            text == "unlimited" ? .unlimited : Setting<Int64>.digits(text, in: 0...Quantity.largest).map { .of($0) }
        }
    }
}
