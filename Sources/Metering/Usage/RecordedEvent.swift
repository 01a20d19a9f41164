/// A recorded event with the answer that its client got.
package struct RecordedEvent: Equatable, Sendable {
    package let id: EventID
    package let user: UserID
    package let content: UsageContent
    /// When it happened: as the client said, else when it was recorded.
    package let at: Timestamp
    package let recordedAt: Timestamp
    /// The account's period in which it counts.
    package let periodNumber: Int64
    package let settlement: Settlement
    /// The reservation that it commits, if any.
    package let commitment: Commitment?

    package init(
        id: EventID, user: UserID, content: UsageContent, at: Timestamp, recordedAt: Timestamp, periodNumber: Int64,
        settlement: Settlement, commitment: Commitment? = nil
    ) {
        self.id = id
        self.user = user
        self.content = content
        self.at = at
        self.recordedAt = recordedAt
        self.periodNumber = periodNumber
        self.settlement = settlement
        self.commitment = commitment
    }
}

/// How an event settles a reservation.
package struct Commitment: Equatable, Sendable {
    package let reservation: ReservationID
    /// The reservation had expired.
    package let isLate: Bool
    /// What it holds after the event.
    package let held: Quantity

    package init(reservation: ReservationID, isLate: Bool, held: Quantity) {
        self.reservation = reservation
        self.isLate = isLate
        self.held = held
    }
}
