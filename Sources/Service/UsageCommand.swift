package import Metering
internal import Store

/// An event to be recorded: named, validated, and of a shop.
package struct UsageCommand: Sendable {
    package let tenant: Tenant
    package let user: UserID
    package let event: EventID
    package let content: UsageContent
    /// Whether it is refused when too little is left.
    package let enforce: Bool
    /// Where the event opens an account: how far back its first period reaches, for imports.
    package let opensFrom: Timestamp?

    package init(
        tenant: Tenant, user: UserID, event: EventID, content: UsageContent, enforce: Bool = false, opensFrom: Timestamp? = nil
    ) {
        self.tenant = tenant
        self.user = user
        self.event = event
        self.content = content
        self.enforce = enforce
        self.opensFrom = opensFrom
    }

    var account: AccountKey { AccountKey(tenant: tenant, user: user) }
    var key: EventKey { EventKey(account: account, event: event) }
}

/// An event as it is recorded, with its first answer.
package struct UsageAnswer: Equatable, Sendable {
    package let event: RecordedEvent
    package let isDuplicate: Bool
}

package typealias UsageOutcome = Result<UsageAnswer, ServiceError>

extension UsageCommand {
    /// The answer to an id that is recorded already: the first one, if the content is the same.
    func answer(recordedAs event: RecordedEvent) -> UsageOutcome {
        guard event.content == content else {
            return .failure(.idempotencyConflict("The event \(event.id) of \(user) was recorded with other content."))
        }
        return .success(UsageAnswer(event: event, isDuplicate: true))
    }
}
