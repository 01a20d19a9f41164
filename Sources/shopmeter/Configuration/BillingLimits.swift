internal import Metering

/// `BILLING_LIMIT_{FREE,PREMIUM,PRO}_{API_CALLS,TOKENS}`: all are checked, and those of the free plan are what shops without one get.
enum BillingLimits {
    private static let meters = [("API_CALLS", Meter(stored: "api_calls")), ("TOKENS", Meter.tokens)]

    static func read(_ invocation: Invocation) throws(UsageError) -> [Meter: Limit] {
        var limits: [Meter: Limit] = [:]
        for plan in ["FREE", "PREMIUM", "PRO"] {
            for (suffix, meter) in meters {
                let limit = try setting("BILLING_LIMIT_\(plan)_\(suffix)").read(invocation)
                if plan == "FREE", let limit { limits[meter] = limit }
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
