package import Metering
internal import Store

/// An event to be recorded: named, validated, and of a shop.
package struct UsageCommand: Sendable {
    package let tenant: Tenant
    package let user: UserID
    package let event: EventID
    /// The event's content. Its amount does not count where a commit takes the amount that is held.
    package let content: UsageContent
    /// Whether the event is refused when too little is left.
    package let enforce: Bool
    /// For imports: how far back the first period of an account reaches, if this event opens one.
    package let opensFrom: Timestamp?
    let commit: CommitRequest?
    /// Whether an event of its id with other content is refused; else it is the same event.
    package var comparesContent = true

    package init(
        tenant: Tenant, user: UserID, event: EventID, content: UsageContent, enforce: Bool = false, opensFrom: Timestamp? = nil
    ) {
        self.init(tenant: tenant, user: user, event: event, content: content, enforce: enforce, opensFrom: opensFrom, commit: nil)
    }

    init(
        tenant: Tenant, user: UserID, event: EventID, content: UsageContent, enforce: Bool = false, opensFrom: Timestamp? = nil,
        commit: CommitRequest?
    ) {
        self.tenant = tenant
        self.user = user
        self.event = event
        self.content = content
        self.enforce = enforce
        self.opensFrom = opensFrom
        self.commit = commit
    }

    var account: AccountKey { AccountKey(tenant: tenant, user: user) }
    var key: EventKey { EventKey(account: account, event: event) }
}

/// Which reservation an event commits.
struct CommitRequest: Sendable {
    let reservation: ReservationID
    /// Nil: the amount that is held.
    let amount: Quantity?
    let isFinal: Bool
}

/// A recorded event, which is the answer to its id.
package struct UsageAnswer: Equatable, Sendable {
    package let event: RecordedEvent
    package let isDuplicate: Bool
    /// Whether the event took the meter's rollover below 0. No answer to a client says it.
    package var entersDebt = false
}

package typealias UsageOutcome = Result<UsageAnswer, ServiceError>

extension UsageCommand {
    /// The answer to an id that is recorded already: the first answer, if the content is the same or does not matter, else
    /// `idempotencyConflict`.
    func answer(recordedAs event: RecordedEvent) -> UsageOutcome {
        guard !comparesContent || isContent(of: event) else {
            return .failure(.idempotencyConflict("The event \(event.id) of \(user) was recorded with other content."))
        }
        return .success(UsageAnswer(event: event, isDuplicate: true))
    }

    private func isContent(of event: RecordedEvent) -> Bool {
        var content = content
        if let commit, commit.amount == nil { content.amount = event.content.amount }
        return content == event.content && commit?.reservation == event.commitment?.reservation
    }
}
