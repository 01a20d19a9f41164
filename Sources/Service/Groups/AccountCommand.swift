internal import Metering
internal import Store

/// A change of a user's account that is committed in groups: named, validated, and of a shop.
enum AccountCommand: GroupCommand {
    case record(UsageCommand)
    case purchase(PurchaseCommand)
    case hold(HoldCommand)
    case free(FreeCommand)
    case call(CallCommand)

    var account: AccountKey {
        switch self {
        case .record(let command): command.account
        case .purchase(let command): AccountKey(tenant: command.tenant, user: command.content.user)
        case .hold(let command): AccountKey(tenant: command.tenant, user: command.request.user)
        case .free(let command): AccountKey(tenant: command.tenant, user: command.user)
        case .call(let command): command.usage.account
        }
    }

    /// Another transaction on its account is what a command may have to wait for.
    var lane: AccountKey { account }
    var tenant: Tenant { account.tenant }

    /// Whether it may take money from the wallet of a project, which many users share.
    var isOfProject: Bool {
        if case .call(let command) = self { command.content.charge.project != nil } else { false }
    }

    /// The event that it records, if it is to record one.
    var usage: UsageCommand? {
        if case .record(let command) = self { command } else { nil }
    }

    /// Whether it is refused where less is available than it asks for.
    var isEnforced: Bool {
        switch self {
        case .record(let command): command.enforce
        case .call(let command): command.usage.enforce
        case .hold: true
        case .purchase, .free: false
        }
    }

    /// The reservation that it makes or moves.
    var reservation: ReservationKey? {
        switch self {
        case .record(let command): command.commit.map { ReservationKey(tenant: command.tenant, id: $0.reservation) }
        case .purchase: nil
        case .hold(let command): ReservationKey(tenant: command.tenant, id: command.request.id)
        case .free(let command): ReservationKey(tenant: command.tenant, id: command.reservation)
        case .call(let command): command.content.hold.map { ReservationKey(tenant: command.tenant, id: $0) }
        }
    }

    var purchase: PurchaseKey? {
        if case .purchase(let command) = self { PurchaseKey(tenant: command.tenant, id: command.id) } else { nil }
    }
}

/// What a command did. A duplicate has the answer of the command that came first.
enum AccountAnswer: Sendable {
    case usage(UsageAnswer)
    case purchase(PurchaseAnswer)
    case hold(ReservationAnswer)
    case freed(Reservation)
    /// A call whose tokens count, before it is charged.
    case counted(UsageAnswer, byClass: [UsageAnswer])
    case call(CallAnswer)
}

typealias AccountOutcome = Result<AccountAnswer, ServiceError>

extension AccountOutcome {
    /// The answer as the kind that the command asks for; another kind is a fault of ours.
    func answer<Answer>(_ kind: (AccountAnswer) -> Answer?) -> Result<Answer, ServiceError> {
        flatMap { answer in kind(answer).map { .success($0) } ?? .failure(.fault("A command got the answer of another kind.")) }
    }

    var usage: UsageOutcome {
        answer { if case .usage(let answer) = $0 { answer } else { nil } }
    }
}
