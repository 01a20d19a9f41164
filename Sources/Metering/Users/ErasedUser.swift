/// A user who was erased for good: the token that stands for the id from then on, in everything that is kept for the books.
package struct ErasedUser: Equatable, Sendable {
    package let token: UserID
    package let at: Timestamp
    package let by: Actor
    /// How many events are kept under the token.
    package let events: Int64

    package init(token: UserID, at: Timestamp, by actor: Actor, events: Int64 = 0) {
        self.token = token
        self.at = at
        self.events = events
        by = actor
    }
}
