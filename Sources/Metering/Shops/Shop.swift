/// A tenant: the customer of the platform whose plans, users and money are kept apart from every other's. Its secrets are not here: they
/// are read beside it, by who needs them.
package struct Shop: Equatable, Sendable {
    /// By which time the shop lives: the system's, or its own, which stands until it is moved.
    package enum Clock: String, CaseIterable, Sendable { case live, test }

    /// Whether the shop's money is real, by which Stripe's events are told apart.
    package enum Mode: String, CaseIterable, Sendable { case live, test }

    package let id: ShopID
    package var name: String
    package let currency: Currency
    package let clock: Clock
    package let createdAt: Timestamp
    /// The present by the shop's own clock; nil when the shop lives by the system's.
    package let testTime: Timestamp?
    /// Nil while nobody has set it.
    package var mode: Mode?
    package var rules: ShopRules
    package var rateLimits: ShopRateLimits

    package init(
        id: ShopID, name: String, currency: Currency, clock: Clock, createdAt: Timestamp, testTime: Timestamp? = nil,
        rules: ShopRules = ShopRules(), rateLimits: ShopRateLimits = ShopRateLimits()
    ) {
        self.rules = rules
        self.id = id
        self.name = name
        self.currency = currency
        self.clock = clock
        self.createdAt = createdAt
        self.testTime = testTime
        self.rateLimits = rateLimits
    }
}
