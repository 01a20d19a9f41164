package import Metering
internal import Store

/// A call of a model to be recorded: its event, its charge and the end of its hold are one.
struct CallCommand: Sendable {
    let id: CallID
    let content: CallContent
    /// The maker's usage object, as JSON.
    let object: String
    let usage: UsageCommand
    let charge: ChargeCommand

    init(_ id: CallID, _ content: CallContent, object: String, enforce: Bool, of tenant: Tenant) {
        self.id = id
        self.content = content
        self.object = object
        let event = content.event
        usage = UsageCommand(
            tenant: tenant, user: content.charge.user, event: id.event, content: event, enforce: enforce,
            commit: content.hold.map { CommitRequest(reservation: $0, amount: event.amount, isFinal: true) })
        charge = ChargeCommand(
            tenant: tenant, id: id.charge, content: content.charge, provider: content.provider, needsNoWallet: true)
    }

    var tenant: Tenant { usage.tenant }
    var key: CallKey { CallKey(tenant: tenant, id: id) }
}

/// A recorded call with its event, which is the answer to its id.
package struct CallAnswer: Equatable, Sendable {
    package let call: RecordedCall
    package let usage: UsageAnswer

    package var isDuplicate: Bool { usage.isDuplicate }
    package var event: RecordedEvent { usage.event }
}

extension CallCommand {
    /// The answer to an id that is recorded already: the first answer, if the content is the same, else `idempotencyConflict`.
    func answer(recordedAs call: RecordedCall, _ event: RecordedEvent) -> AccountOutcome {
        guard call.content == content else {
            return .failure(.idempotencyConflict("The call \(id) was recorded with other content."))
        }
        return .success(.call(CallAnswer(call: call, usage: UsageAnswer(event: event, isDuplicate: true))))
    }
}

extension AccountCommand {
    var call: CallCommand? {
        if case .call(let command) = self { command } else { nil }
    }
}

extension AccountOutcome {
    var call: Result<CallAnswer, ServiceError> {
        answer { if case .call(let answer) = $0 { answer } else { nil } }
    }
}
