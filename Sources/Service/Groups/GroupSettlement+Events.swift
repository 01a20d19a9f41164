internal import Metering
internal import Store

/// Settling events.
extension GroupSettlement {
    /// An id that comes again within the group is answered as if it had been recorded before; after a refusal, the second command is tried on
    /// its own.
    mutating func record(_ command: UsageCommand) -> Settled {
        if let first = leaders[command.key] { return .done(command.answer(recordedAs: first).map { .usage($0) }) }
        do {
            return .done(.success(.usage(try command.commit == nil ? add(command) : commit(command))))
        } catch let refusal as ReservationRefusal {
            return self.refusal(refusal, of: command)
        } catch {
            return Self.failed(error)
        }
    }

    private mutating func add(_ command: UsageCommand) throws -> UsageAnswer {
        let answer = try change(command.account, isStep: false) { [enforcement, now] account in
            try account.event(command.event, command.content, enforce: command.enforce, enforcement, at: now.of(command.tenant))
        }
        keep(answer.event, of: command)
        return answer
    }

    private mutating func commit(_ command: UsageCommand) throws -> UsageAnswer {
        guard let request = command.commit else { throw ServiceError.fault("A commit names no reservation.") }
        let key = ReservationKey(tenant: command.tenant, id: request.reservation)
        guard let before = reservation(key), before.user == command.user else {
            throw ServiceError.notFound("There is no reservation \(key.id).")
        }
        guard before.meter == command.content.meter else {
            throw ServiceError.invalid(
                field: "hold", expected: "expected a hold of \(command.content.meter); \(key.id) is of \(before.meter)")
        }
        var after = before
        let (amount, commitment) = try after.commit(request.amount, isFinal: request.isFinal, as: command.event, at: now.of(command.tenant))
        var content = command.content
        content.amount = amount
        let answer = try change(command.account) { [enforcement, now] account in
            account.releaseHold(from: before, to: after)
            return try account.event(command.event, content, enforce: command.enforce, enforcement, at: now.of(command.tenant), commitment)
        }
        reservations[key] = after
        keep(answer.event, of: command)
        return answer
    }

    private func refusal(_ refusal: ReservationRefusal, of command: UsageCommand) -> Settled {
        guard let request = command.commit else { return .refused(.fault("A reservation refused what is no commit.")) }
        let reservation = reservation(ReservationKey(tenant: command.tenant, id: request.reservation))
        guard refusal == .committed, request.isFinal, let first = reservation?.finalEvent else { return .refused(ServiceError(refusal)) }
        let key = EventKey(account: command.account, event: first)
        return leaders[key].map { .done(command.answer(recordedAs: $0).map { .usage($0) }) } ?? .repeats(key)
    }

    private mutating func keep(_ event: RecordedEvent, of command: UsageCommand) {
        leaders[command.key] = event
        events.append((command.tenant, event))
        noteCauses(of: event, on: command.account)
    }
}

extension Account {
    /// Takes an event's amount, and answers with the event as the log keeps it.
    fileprivate mutating func event(
        _ id: EventID, _ content: UsageContent, enforce: Bool, _ enforcement: Enforcement, at now: Timestamp,
        _ commitment: Commitment? = nil
    ) throws(UsageRefusal) -> UsageAnswer {
        let at = content.occurredAt ?? now
        let wasInDebt = balance(of: content.meter).rollover < 0
        let settlement = try record(content, at: at, enforce: enforce, enforcement: enforcement)
        version += 1
        let recordedAt = nextEntryTime(at: now)
        loggedAt = recordedAt
        let event = RecordedEvent(
            id: id, user: user, content: content, at: at, recordedAt: recordedAt, periodNumber: periodNumber,
            countedIn: period.contains(at) ? nil : period, settlement: settlement, commitment: commitment,
            sequence: version)
        return UsageAnswer(
            event: event, isDuplicate: false, entersDebt: !wasInDebt && balance(of: content.meter).rollover < 0)
    }
}
