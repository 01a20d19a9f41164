/// A tenant as it is kept.
package struct Shop: Equatable, Sendable {
    package enum Clock: String, CaseIterable, Sendable { case live, test }

    package let id: ShopID
    package let name: String
    package let currency: Currency
    package let clock: Clock
    /// Signs its users' tokens (HS256).
    package let jwtSecret: String
    /// The one before it; nil until the first rotation.
    package let previousSecret: RetiredSecret?
    /// Signs what Stripe sends for it; nil: nothing of Stripe's is taken.
    package let stripeSecret: String?
    package let createdAt: Timestamp
    /// The time by its own clock; nil when it lives by the system's.
    package let testTime: Timestamp?

    package init(
        id: ShopID, name: String, currency: Currency, clock: Clock, jwtSecret: String, previousSecret: RetiredSecret? = nil,
        stripeSecret: String? = nil, createdAt: Timestamp, testTime: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.currency = currency
        self.clock = clock
        self.jwtSecret = jwtSecret
        self.previousSecret = previousSecret
        self.stripeSecret = stripeSecret
        self.createdAt = createdAt
        self.testTime = testTime
    }
}
