package struct StripeEventID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// What Stripe tells a shop: an `Event`, as far as it means something here.
package struct StripeEvent: Equatable, Sendable {
    package let id: StripeEventID
    package let type: String
    /// Seconds since 1970, by Stripe's clock.
    package let created: Int64
    /// From the metadata that the shop gave Stripe; nil when there is none.
    package let user: UserID?
    /// Nil for a type of event that changes nothing.
    package let news: StripeUpdate?
    package let payment: StripePayment?

    package init(id: StripeEventID, type: String, created: Int64, user: UserID?, news: StripeUpdate?, payment: StripePayment?) {
        self.id = id
        self.type = type
        self.created = created
        self.user = user
        self.news = news
        self.payment = payment
    }
}

/// What an event says of a subscription.
package struct StripeUpdate: Equatable, Sendable {
    /// Nil: nothing that has a meaning here.
    package let standing: StripeSubscriptionState?
    package let cancelsAtPeriodEnd: Bool?

    package init(_ standing: StripeSubscriptionState?, cancelsAtPeriodEnd: Bool? = nil) {
        self.standing = standing
        self.cancelsAtPeriodEnd = cancelsAtPeriodEnd
    }
}

/// How a subscription stands with Stripe: its status there, or what became of an invoice of it.
package enum StripeSubscriptionState: String, CaseIterable, Hashable, Sendable {
    case trialing, active
    case pastDue = "past_due"
    case unpaid, paused, canceled
    case invoicePaid = "invoice_paid"
    case invoiceFailed = "invoice_failed"

    /// A `Subscription`'s status in Stripe. `incomplete` and `incomplete_expired` are about a first payment that was never made, perhaps
    /// beside another subscription of the same user's: nil, as for words that are not known.
    package init?(status: String) {
        guard let standing = Self(rawValue: status), standing != .invoicePaid, standing != .invoiceFailed else { return nil }
        self = standing
    }
}

/// When the newest events were made that a subscription followed, in seconds since 1970, apart for its standing and for its cancellation at
/// the period's end, as not every event tells both.
package struct StripeWatermarks: Equatable, Sendable {
    package var standing: Int64?
    package var cancellation: Int64?

    package init(standing: Int64? = nil, cancellation: Int64? = nil) {
        self.standing = standing
        self.cancellation = cancellation
    }
}

/// What became of an event.
package enum StripeOutcome: String, CaseIterable, Sendable {
    case applied, ignored
    /// One that was made later was there before it.
    case stale
}
