package import Bytes

package struct EventID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of an event, as its client sends it. Two events with one id are the same event when their contents are equal.
package struct UsageContent: Equatable, Sendable {
    package var meter: Meter
    package var amount: Quantity
    /// When it happened; nil where the client does not say so.
    package var occurredAt: Timestamp?
    /// The thing that the use was for, such as a document; it is grouped and labelled as the dimension `UsageContent.reference`.
    @Bytewise package var referenceID: String?
    @Bytewise package var description: String?
    /// The client's own words for the use, by name: `["model": "m1"]`.
    @Bytewise package var dimensions: [String: String]
    /// What else the client keeps with it, as compact JSON of at most `maximumDetails` bytes; nothing groups by it.
    @Bytewise package var details: String?

    package static let maximumDetails = 4_096
    package static let reference = "reference_id"

    package init(
        meter: Meter = .tokens, amount: Quantity, occurredAt: Timestamp? = nil, referenceID: String? = nil, description: String? = nil,
        dimensions: [String: String] = [:], details: String? = nil
    ) {
        self.meter = meter
        self.amount = amount
        self.occurredAt = occurredAt
        self.referenceID = referenceID
        self.description = description
        self.dimensions = dimensions
        self.details = details
    }
}

/// A recorded event with the answer that its client got. It is never changed, but for what of it is void.
package struct RecordedEvent: Equatable, Sendable {
    package let id: EventID
    package let user: UserID
    package let content: UsageContent
    /// When it happened: as the client said, else when it was recorded.
    package let at: Timestamp
    package let recordedAt: Timestamp
    /// The account's period in which it counts.
    package let periodNumber: Int64
    /// The span of that period, for an event that happened outside of it, as late ones do; nil for the others.
    package let countedIn: Period?
    package let settlement: Settlement
    /// How it settles a reservation; nil for an event without one.
    package let commitment: Commitment?
    /// The part of the amount that was taken back, and the part of that which was while the event's period was open.
    package let voided: Quantity
    package let voidedInPeriod: Quantity
    /// Its number in the account's log; nil for an event of the time before entries were numbered, and for one of the past.
    package let sequence: Int64?

    package init(
        id: EventID, user: UserID, content: UsageContent, at: Timestamp, recordedAt: Timestamp, periodNumber: Int64,
        countedIn: Period? = nil, settlement: Settlement, commitment: Commitment? = nil, voided: Quantity = 0, voidedInPeriod: Quantity = 0,
        sequence: Int64? = nil
    ) {
        self.id = id
        self.user = user
        self.content = content
        self.at = at
        self.recordedAt = recordedAt
        self.periodNumber = periodNumber
        self.countedIn = countedIn
        self.settlement = settlement
        self.commitment = commitment
        self.voided = voided
        self.voidedInPeriod = voidedInPeriod
        self.sequence = sequence
    }
}

/// The effect of an event, as its answer says it.
package struct Settlement: Equatable, Sendable {
    package let breakdown: Breakdown
    /// The amount used of the limit in the period, after the event.
    package let used: Quantity
    package let limit: Limit
    /// The amount still available after the event; nil when unlimited.
    package let remaining: Quantity?
    /// The thresholds that the event crossed, the lowest first.
    package let alerts: [ThresholdAlert]

    package init(breakdown: Breakdown, used: Quantity, limit: Limit, remaining: Quantity?, alerts: [ThresholdAlert]) {
        self.breakdown = breakdown
        self.used = used
        self.limit = limit
        self.remaining = remaining
        self.alerts = alerts
    }
}

/// How an event settles a reservation.
package struct Commitment: Equatable, Sendable {
    package let reservation: ReservationID
    /// Whether the reservation had expired.
    package let isLate: Bool
    /// The amount that the reservation holds after the event.
    package let held: Quantity

    package init(reservation: ReservationID, isLate: Bool, held: Quantity) {
        self.reservation = reservation
        self.isLate = isLate
        self.held = held
    }
}
