/// The rules of reservations once more, as `ReferenceAccount` has those of usage.
struct ReferenceHold {
    let id, meter: Int
    var left: Int64
    let expiresAt: Int64
    var state = State.open

    enum State { case open, committed, released, expired }
}

extension ReferenceAccount {
    mutating func hold(_ id: Int, _ meter: Int, _ amount: Int64, _ seconds: Int64) -> AccountOutcome {
        if let refusal = refusal(meter, amount) { return refusal }
        holds.append(ReferenceHold(id: id, meter: meter, left: amount, expiresAt: now + seconds))
        return .held(remaining: remaining(meter))
    }

    mutating func commit(_ id: Int, _ amount: Int64?, _ isFinal: Bool) -> AccountOutcome {
        guard let index = holds.firstIndex(where: { $0.id == id }) else { return .done }
        _ = expire(id)
        if holds[index].state == .committed || holds[index].state == .released { return .forbidden }
        let isLate = holds[index].state == .expired
        let amount = amount ?? holds[index].left
        for _ in 0..<amount where holds[index].left > 0 { holds[index].left -= 1 }
        if isFinal { holds[index].state = .committed }
        let isHeld = holds[index].state == .open
        return .committed(take(holds[index].meter, amount), isLate: isLate, held: isHeld ? holds[index].left : 0)
    }

    mutating func release(_ id: Int) -> AccountOutcome {
        guard let index = holds.firstIndex(where: { $0.id == id }) else { return .done }
        _ = expire(id)
        if holds[index].state == .committed { return .forbidden }
        if holds[index].state == .open { holds[index].state = .released }
        return .done
    }

    mutating func expire(_ id: Int) -> AccountOutcome {
        for index in holds.indices where holds[index].id == id && holds[index].state == .open && now >= holds[index].expiresAt {
            holds[index].state = .expired
        }
        return .done
    }
}
