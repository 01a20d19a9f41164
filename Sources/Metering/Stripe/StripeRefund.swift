/// What Stripe gave back of a charge that, by its metadata, paid a purchase or a wallet's credit here.
package struct StripeRefund: Equatable, Sendable {
    package enum Bought: Equatable, Sendable {
        case purchase(PurchaseID)
        case credit(CreditID)
    }

    /// The id of Stripe's charge.
    package let charge: String
    package let bought: Bought
    /// What was paid, and what of it is given back in all, both as counts of the currency's smallest unit.
    private let paid: Int64
    private let refunded: Int64

    /// Above every amount that Stripe takes, and small enough for exact products.
    private static let bound: Int64 = 1_000_000_000_000

    /// Nil where nothing was paid, or nothing is given back.
    package init?(of charge: String, for bought: Bought, paid: Int64, refunded: Int64) {
        guard (1..<Self.bound).contains(paid), refunded > 0 else { return nil }
        self.charge = charge
        self.bought = bought
        self.paid = paid
        self.refunded = min(refunded, paid)
    }

    /// What the ids begin with of all that is taken back for the charge.
    package var prefix: String { "stripe:\(charge):" }

    /// The id of what is taken back now: one for each sum that was given back, however many events tell it.
    package var id: String { prefix + "\(refunded)" }

    package var reason: String { "Stripe gave back \(charge)" }

    /// What is still to be taken back of a purchase: the share that was given back, rounded down, without what was taken before. So the whole goes
    /// with the whole, in however many parts and in whichever order.
    package func due(of amount: Quantity, taken before: Quantity) -> Quantity {
        Quantity(max(0, Int128(amount) * Int128(refunded) / Int128(paid) - Int128(before)))
    }

    package func due(of amount: Money, taken before: Money) -> Money {
        max(.zero, Money(units: amount.units * Int128(refunded) / Int128(paid)) - before)
    }
}
