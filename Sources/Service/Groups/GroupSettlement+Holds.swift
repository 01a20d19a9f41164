internal import Metering
internal import Store

/// Settling purchases and holds. Their ids were looked up before, so that a duplicate is known here.
extension GroupSettlement {
    mutating func purchase(_ command: PurchaseCommand) -> Settled {
        let key = PurchaseKey(tenant: command.tenant, id: command.id)
        if let first = purchases[key] ?? basis.purchases[key] { return .done(command.answer(madeAs: first)) }
        do {
            let made = try change(AccountKey(tenant: command.tenant, user: command.content.user)) { [enforcement, now] account in
                try account.purchase(
                    command.content, as: command.id, by: command.author, at: now.of(command.tenant), enforcement: enforcement)
            }
            purchases[key] = made
            return .done(.success(.purchase(PurchaseAnswer(purchase: made, isDuplicate: false))))
        } catch {
            return Self.failed(error)
        }
    }

    mutating func hold(_ command: HoldCommand) -> Settled {
        let key = ReservationKey(tenant: command.tenant, id: command.request.id)
        if let first = reservation(key) { return .done(command.answer(madeAs: first)) }
        do {
            let made = try change(AccountKey(tenant: command.tenant, user: command.request.user)) { [enforcement, now] account in
                try account.hold(command.request, at: now.of(command.tenant), enforcement: enforcement)
            }
            reservations[key] = made
            return .done(.success(.hold(ReservationAnswer(reservation: made, isDuplicate: false))))
        } catch {
            return Self.failed(error)
        }
    }

    mutating func free(_ command: FreeCommand) -> Settled {
        let key = ReservationKey(tenant: command.tenant, id: command.reservation)
        if command.cause == .expiry { expire(key) }
        guard let before = reservation(key) else { return .done(.failure(.notFound("There is no reservation \(key.id)."))) }
        guard command.cause == .release else { return .done(.success(.freed(before))) }
        do throws(ReservationRefusal) {
            var after = before
            try after.release(at: now.of(command.tenant))
            move(key, from: before, to: after)
            return .done(.success(.freed(after)))
        } catch {
            return .done(.failure(ServiceError(error)))
        }
    }

    mutating func expire(_ key: ReservationKey) {
        guard let before = reservation(key) else { return }
        var after = before
        after.expire(at: now.of(key.tenant))
        move(key, from: before, to: after)
    }

    private mutating func move(_ key: ReservationKey, from before: Reservation, to after: Reservation) {
        guard before != after else { return }
        try? change(AccountKey(tenant: key.tenant, user: after.user)) { $0.releaseHold(from: before, to: after) }
        reservations[key] = after
    }

    static func failed(_ error: any Error) -> Settled {
        if let refusal = error as? UsageRefusal { return .refused(.usage(refusal)) }
        return .done(.failure(error as? ServiceError ?? .fault("\(error)")))
    }
}
