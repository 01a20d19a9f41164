package import Metering

/// The decisions of the platform's operator.
package struct Settings: Sendable {
    package var adminToken: String
    /// The allowances of the free plan, for shops that have no free plan of their own.
    package var freeLimits: [Meter: Limit]
    /// The limits of a month's consumption of `api_calls` and `tokens`, by the names of plans, where the plan itself has none.
    package var billingLimits: [PlanName: [Meter: Limit]]
    package var enforcement: Enforcement
    /// The days from an invoice's issue to the day by which it is to be paid.
    package var invoiceDueDays: Int
    /// How many requests are let in.
    package var rateLimits: RateLimits
    /// Whether webhooks go to private addresses and without TLS.
    package var allowsPrivateWebhooks = false
    /// Where what happens is told; set by `ShopMeter`.
    var outbox = Outbox.closed

    package static let defaultFreeLimits: [Meter: Limit] = [.tokens: .of(100_000), .apiCalls: .of(300)]

    package static let defaultBillingLimits: [PlanName: [Meter: Limit]] = [
        .free: defaultFreeLimits, PlanName(stored: "premium"): [.apiCalls: .of(3_000), .tokens: .of(1_000_000)],
        PlanName(stored: "pro"): [.apiCalls: .of(30_000), .tokens: .of(10_000_000)],
    ]

    package static let defaultInvoiceDueDays = 14

    package init(
        adminToken: String, freeLimits: [Meter: Limit] = Settings.defaultFreeLimits,
        billingLimits: [PlanName: [Meter: Limit]] = Settings.defaultBillingLimits,
        enforcement: Enforcement = .on, invoiceDueDays: Int = Settings.defaultInvoiceDueDays, rateLimits: RateLimits = .defaults
    ) {
        self.adminToken = adminToken
        self.freeLimits = freeLimits
        self.billingLimits = billingLimits
        self.enforcement = enforcement
        self.invoiceDueDays = invoiceDueDays
        self.rateLimits = rateLimits
    }

    var issuer: InvoiceIssuer { InvoiceIssuer(dueAfterDays: invoiceDueDays, outbox: outbox) }

    package func freePlan(currency: Currency) -> Plan { .free(including: freeLimits, currency: currency) }

    package func consumptionLimits(of plan: PlanName, own: [Meter: Limit]) -> ConsumptionLimits {
        ConsumptionLimits(of: plan, own: own, byName: billingLimits, enforcement: enforcement)
    }
}
