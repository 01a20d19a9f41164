package import Metering

/// What the platform's operator decides.
package struct Settings: Sendable {
    package var adminToken: String
    /// Allowances of the free plan of a shop that has none of its own.
    package var freeLimits: [Meter: Limit]
    package var enforcement: Enforcement
    /// From an invoice's issue to the day by which it is to be paid.
    package var invoiceDueDays: Int

    package static let standardFreeLimits: [Meter: Limit] = [.tokens: .of(100_000), Meter(stored: "api_calls"): .of(1_000)]

    package static let standardInvoiceDueDays = 14

    package init(
        adminToken: String, freeLimits: [Meter: Limit] = Settings.standardFreeLimits, enforcement: Enforcement = .on,
        invoiceDueDays: Int = Settings.standardInvoiceDueDays
    ) {
        self.adminToken = adminToken
        self.freeLimits = freeLimits
        self.enforcement = enforcement
        self.invoiceDueDays = invoiceDueDays
    }

    var issuer: InvoiceIssuer { InvoiceIssuer(dueAfterDays: invoiceDueDays) }

    package func freePlan(currency: Currency) -> Plan {
        Plan(name: .free, displayName: "Free", monthlyFee: .zero, currency: currency, allowances: freeLimits)
    }
}
