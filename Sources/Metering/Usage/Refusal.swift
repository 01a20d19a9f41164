package struct RefusalID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A request that was refused, as less was left than it asked for.
package struct Refusal: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable { case event, hold, call }

    package let kind: Kind
    package let user: UserID
    /// The id of the event, the hold or the call.
    package let request: String
    /// What `check` said at that instant.
    package let check: UsageCheck
    /// By the shop's time.
    package let at: Timestamp

    package init(_ kind: Kind, of request: String, by user: UserID, _ check: UsageCheck, at: Timestamp) {
        (self.kind, self.request, self.user, self.check, self.at) = (kind, request, user, check, at)
    }
}

/// A refusal with the id under which it is kept.
package struct KeptRefusal: Equatable, Sendable {
    package let id: RefusalID
    package let refusal: Refusal

    package init(id: RefusalID, refusal: Refusal) { (self.id, self.refusal) = (id, refusal) }
}

/// The refusals of a shop, from the newest to the oldest: all, or those of a user.
package struct RefusalList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of kept: KeptRefusal) -> TimedKey<RefusalID> { TimedKey(at: kept.refusal.at, id: kept.id) }
}
