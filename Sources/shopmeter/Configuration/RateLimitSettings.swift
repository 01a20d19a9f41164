internal import Metering

/// A limit of requests as it is set.
struct RateSetting: Equatable, Sendable {
    /// Nil: off.
    let limit: RateLimit?

    /// Reads `off`, `100` (a second) or `100:500` (with the burst); nil for another text.
    init?(_ text: String) {
        if text == "off" {
            limit = nil
            return
        }
        let numbers = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            Setting<Int64>.digits(String($0), in: RateLimit.bounds)
        }
        guard let first = numbers.first, let perSecond = first, numbers.count == 1 || numbers[1] != nil,
            let limit = RateLimit(perSecond: perSecond, burst: numbers.count == 2 ? numbers[1] : nil)
        else { return nil }
        self.limit = limit
    }
}

extension KnownSettings {
    /// The `SHOPMETER_RATE_LIMIT_{USAGE,READ,BILLING,EXPORT,END_USER,FAILURES}` that are set, over the defaults.
    static func rateLimits(_ invocation: Invocation) throws(UsageError) -> RateLimits {
        var limits = RateLimits.defaults
        for (name, limit) in rateLimitNames {
            if let set = try rateLimit(name).read(invocation) { limits[keyPath: limit] = set.limit }
        }
        return limits
    }

    /// Every one of them, for whoever looks at all settings.
    static let rates = rateLimitNames.map { AnySetting(rateLimit($0.name)) }

    private static var rateLimitNames: [(name: String, limit: WritableKeyPath<RateLimits, RateLimit?>)] {
        RateClass.allCases.map { ($0.rawValue, \.shop[$0]) } + [("end_user", \.endUser), ("failures", \.failures)]
    }

    private static func rateLimit(_ name: String) -> Setting<RateSetting> {
        Setting(
            variable: "SHOPMETER_RATE_LIMIT_\(name.uppercased())",
            expected: "requests a second such as 100, with a burst 100:500, each from 1 to \(RateLimit.bounds.upperBound), or off",
            parse: RateSetting.init)
    }
}
