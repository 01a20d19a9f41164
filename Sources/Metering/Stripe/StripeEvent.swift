package struct StripeEventID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The id of a `Subscription` at Stripe: `sub_1Nf…`.
package struct StripeSubscriptionID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// An event of Stripe's, as far as it means something here.
package struct StripeEvent: Equatable, Sendable {
    package let id: StripeEventID
    package let type: String
    /// When Stripe made the event, in seconds since 1970, by Stripe's clock.
    package let created: Int64
    /// Whether real money is meant; nil where the event does not say.
    package var isLive: Bool?
    /// The user whom the metadata names that the shop gave Stripe; nil when they name none.
    package let user: UserID?
    /// The subscription at Stripe that the event is about.
    package var reference: StripeReference?
    /// The subscription's part of the event; nil for a type of event that changes nothing.
    package let update: StripeUpdate?
    /// The payment of one of our invoices, if the event is about one.
    package let payment: StripePayment?
    /// What the subscription at Stripe sells, where the event says it.
    package var offer: StripeOffer?
    /// What was given back of a purchase, if the event is about that.
    package var refund: StripeRefund?

    package init(
        id: StripeEventID, type: String, created: Int64, isLive: Bool? = nil, user: UserID?, reference: StripeReference? = nil,
        update: StripeUpdate?, payment: StripePayment?, offer: StripeOffer? = nil, refund: StripeRefund? = nil
    ) {
        self.id = id
        self.type = type
        self.created = created
        self.isLive = isLive
        self.user = user
        self.reference = reference
        self.update = update
        self.payment = payment
        self.offer = offer
        self.refund = refund
    }
}

/// A subscription at Stripe, as an event names it.
package struct StripeReference: Equatable, Sendable {
    package let id: StripeSubscriptionID
    /// When it began, in seconds since 1970; nil where the event does not say.
    package let start: Int64?

    package init(id: StripeSubscriptionID, start: Int64? = nil) {
        self.id = id
        self.start = start
    }
}

/// The part of an event that is about a subscription. A word that the event does not have, or that has no meaning here, is nil.
package struct StripeUpdate: Equatable, Sendable {
    package let state: StripeSubscriptionState?
    package let cancelsAtPeriodEnd: Bool?
    /// When the subscription is to end, in seconds since 1970, where that is said by a date alone.
    package var cancelAt: Int64?

    package init(_ state: StripeSubscriptionState?, cancelsAtPeriodEnd: Bool? = nil, cancelAt: Int64? = nil) {
        self.state = state
        self.cancelsAtPeriodEnd = cancelsAtPeriodEnd
        self.cancelAt = cancelAt
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

    /// Whether somebody with such a subscription has what it sells.
    package var isEntitled: Bool { self == .trialing || self == .active || self == .pastDue }
}

/// What a subscription follows at Stripe, and how far: when Stripe made the newest events that it followed, in seconds since 1970, nil before the
/// first. There is one for the state, one for the cancellation at the period's end and one for the plan, as not every event says all of them.
package struct StripeWatermarks: Equatable, Sendable {
    package var state: Int64?
    package var cancellation: Int64?
    package var plan: Int64?
    /// The subscription at Stripe; nil until an event names one.
    package var reference: StripeReference?
    /// The price of the newest of those events.
    package var price: String?

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

/// An event as it was received.
package struct ReceivedStripeEvent: Equatable, Sendable {
    package let id: StripeEventID
    package let type: String
    package let createdAt: Timestamp
    package let receivedAt: Timestamp
    package let user: UserID?
    package let subscription: StripeSubscriptionID?
    package let outcome: StripeOutcome
    /// Why not all of it did something.
    package let reason: String?

    package init(
        id: StripeEventID, type: String, createdAt: Timestamp, receivedAt: Timestamp, user: UserID?, subscription: StripeSubscriptionID?,
        outcome: StripeOutcome, reason: String?
    ) {
        self.id = id
        self.type = type
        self.createdAt = createdAt
        self.receivedAt = receivedAt
        self.user = user
        self.subscription = subscription
        self.outcome = outcome
        self.reason = reason
    }
}
