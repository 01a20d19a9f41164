package import Metering

/// What the platform's operator decides.
package struct Settings: Sendable {
    package var adminToken: String
    /// Allowances of the free plan of a shop that has none of its own.
    package var freeLimits: [Meter: Limit]
    package var enforcement: Enforcement

    package static let standardFreeLimits: [Meter: Limit] = [.tokens: .of(100_000), Meter(stored: "api_calls"): .of(1_000)]

    package init(adminToken: String, freeLimits: [Meter: Limit] = Settings.standardFreeLimits, enforcement: Enforcement = .on) {
        self.adminToken = adminToken
        self.freeLimits = freeLimits
        self.enforcement = enforcement
    }

    package func freePlan(currency: Currency) -> Plan {
        Plan(name: .free, displayName: "Free", monthlyFee: .zero, currency: currency, allowances: freeLimits)
    }
}
