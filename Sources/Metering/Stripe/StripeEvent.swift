package struct StripeEventID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// An event of Stripe's, as far as it means something here.
package struct StripeEvent: Equatable, Sendable {
    package let id: StripeEventID
    package let type: String
    /// When Stripe made the event, in seconds since 1970, by Stripe's clock.
    package let created: Int64
    /// The user whom the metadata names that the shop gave Stripe; nil when they name none.
    package let user: UserID?
    /// The subscription's part of the event; nil for a type of event that changes nothing.
    package let update: StripeUpdate?
    /// The payment of one of our invoices, if the event is about one.
    package let payment: StripePayment?

    package init(id: StripeEventID, type: String, created: Int64, user: UserID?, update: StripeUpdate?, payment: StripePayment?) {
        self.id = id
        self.type = type
        self.created = created
        self.user = user
        self.update = update
        self.payment = payment
    }
}

/// The part of an event that is about a subscription. A word that the event does not have, or that has no meaning here, is nil.
package struct StripeUpdate: Equatable, Sendable {
    package let state: StripeSubscriptionState?
    package let cancelsAtPeriodEnd: Bool?

    package init(_ state: StripeSubscriptionState?, cancelsAtPeriodEnd: Bool? = nil) {
        self.state = state
        self.cancelsAtPeriodEnd = cancelsAtPeriodEnd
    }
}

/// The state of a subscription at Stripe: its status there, or what became of one of its invoices.
package enum StripeSubscriptionState: String, CaseIterable, Hashable, Sendable {
    case trialing, active
    case pastDue = "past_due"
    case unpaid, paused, canceled
    case invoicePaid = "invoice_paid"
    case invoiceFailed = "invoice_failed"

    /// Reads the status of Stripe's object `Subscription`. Nil for words that are not known, and for `incomplete` and `incomplete_expired`:
    /// they are about a first payment that was never made, perhaps beside another subscription of the same user's.
    package init?(status: String) {
        guard let state = Self(rawValue: status), state != .invoicePaid, state != .invoiceFailed else { return nil }
        self = state
    }
}

/// When Stripe made the newest events that a subscription followed, in seconds since 1970; nil before the first. There is one for the state
/// and one for the cancellation at the period's end, as not every event says both.
package struct StripeWatermarks: Equatable, Sendable {
    package var state: Int64?
    package var cancellation: Int64?

    package init(state: Int64? = nil, cancellation: Int64? = nil) {
        self.state = state
        self.cancellation = cancellation
    }
}

/// The outcome of an event.
package enum StripeOutcome: String, CaseIterable, Sendable {
    case applied, ignored
    /// A later event was followed before.
    case stale
}
