internal import Crypto
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

    /// The command that counts the tokens of one class too. Its event's id is no client's.
    func usage(of kind: TokenClass) throws -> UsageCommand {
        let digest = Hex.text(try SHA256.hash("\(id)\0\(kind.rawValue)"))
        return UsageCommand(
            tenant: tenant, user: usage.user, event: EventID(stored: "class_" + digest), content: content.event(of: kind, call: id),
            enforce: usage.enforce)
    }

    /// The keys of the events that count single classes, if the user's plan had their meters.
    var classKeys: [EventKey] {
        get throws { try content.classes.map { try usage(of: $0).key } }
    }

    var tenant: Tenant { usage.tenant }
    var key: CallKey { CallKey(tenant: tenant, id: id) }
}

/// A recorded call with its event, which is the answer to its id.
package struct CallAnswer: Equatable, Sendable {
    package let call: RecordedCall
    package let usage: UsageAnswer
    /// The events that count its tokens by class, in the order of the classes: those of which the user's plan has a meter.
    package var classes: [UsageAnswer] = []

    package var isDuplicate: Bool { usage.isDuplicate }
    package var event: RecordedEvent { usage.event }
}

extension CallCommand {
    /// The answer to an id that is recorded already: the first answer, if the content is the same, else `idempotencyConflict`.
    func answer(recordedAs call: RecordedCall, _ event: RecordedEvent, _ classes: [RecordedEvent]) -> AccountOutcome {
        guard call.content == content else {
            return .failure(.idempotencyConflict("The call \(id) was recorded with other content."))
        }
        return .success(
            .call(
                CallAnswer(
                    call: call, usage: UsageAnswer(event: event, isDuplicate: true),
                    classes: classes.map { UsageAnswer(event: $0, isDuplicate: true) })))
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
