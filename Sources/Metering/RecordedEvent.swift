/// A recorded event with the answer that its client got.
package struct RecordedEvent: Equatable, Sendable {
    package let id: EventID
    package let user: UserID
    package let content: UsageContent
    /// When it happened: as the client said, else when it was recorded.
    package let at: Timestamp
    package let recordedAt: Timestamp
    package let settlement: Settlement

    package init(
        id: EventID, user: UserID, content: UsageContent, at: Timestamp, recordedAt: Timestamp, settlement: Settlement
    ) {
        self.id = id
        self.user = user
        self.content = content
        self.at = at
        self.recordedAt = recordedAt
        self.settlement = settlement
    }
}
