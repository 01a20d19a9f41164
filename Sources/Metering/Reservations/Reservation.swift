package struct ReservationID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package enum ReservationState: String, CaseIterable, Hashable, Sendable {
    case open, committed, released, expired
}

/// A hold on an allowance, for work whose amount is known when it is done. It counts against everything that enforces while it is open.
package struct Reservation: Equatable, Sendable {
    package let id: ReservationID
    package let user: UserID
    package let meter: Meter
    /// What was held at first.
    package let amount: Quantity
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// What could still be used after it was made; nil when unlimited. For the first answer.
    package let remaining: Quantity?
    package private(set) var state: ReservationState
    /// What no commit has freed yet; it is held while the reservation is open.
    package private(set) var outstanding: Quantity
    /// The sum of the events that were committed.
    package private(set) var committed: Quantity
    /// The event of the final commit.
    package private(set) var finalEvent: EventID?

    package init(
        id: ReservationID, user: UserID, meter: Meter, amount: Quantity, createdAt: Timestamp, expiresAt: Timestamp, remaining: Quantity?,
        state: ReservationState = .open, outstanding: Quantity, committed: Quantity = 0, finalEvent: EventID? = nil
    ) {
        self.id = id
        self.user = user
        self.meter = meter
        self.amount = amount
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.remaining = remaining
        self.state = state
        self.outstanding = outstanding
        self.committed = committed
        self.finalEvent = finalEvent
    }

    /// As it was when it was made.
    package var asMade: Reservation {
        Reservation(
            id: id, user: user, meter: meter, amount: amount, createdAt: createdAt, expiresAt: expiresAt, remaining: remaining,
            outstanding: amount)
    }

    /// What counts against the allowance.
    package var held: Quantity { state == .open ? outstanding : 0 }

    /// It expires at its instant, whenever that is noticed.
    package func isOverdue(at now: Timestamp) -> Bool { state == .open && now >= expiresAt }
}

/// Why a reservation was not committed or released.
package enum ReservationRefusal: Error, Equatable, Sendable {
    /// Its final commit is done.
    case committed
    case released
    /// The sum of its commits would pass `Quantity.largest`.
    case totalTooLarge
}

/// The life of a reservation. Each step says by the change of `held` what it frees.
///
///                 commit, final   commit, not final   release     expire
///     open        committed       open                released    expired
///     expired     committed       expired             –, as once  –, as once
///     released    refused         refused             –, as once  –
///     committed   refused         refused             refused     –
extension Reservation {
    package mutating func expire(at now: Timestamp) {
        if isOverdue(at: now) { state = .expired }
    }

    /// Frees what is held. Releasing what is released or expired changes nothing, whether the expiry was noticed or not.
    package mutating func release(at now: Timestamp) throws(ReservationRefusal) {
        expire(at: now)
        switch state {
        case .open: state = .released
        case .released, .expired: break
        case .committed: throw .committed
        }
    }

    /// Frees all that is held or, when it is not final, as much as the amount. Without an amount, it is what is outstanding.
    package mutating func commit(
        _ amount: Quantity?, isFinal: Bool, as event: EventID, at now: Timestamp
    ) throws(ReservationRefusal) -> (amount: Quantity, commitment: Commitment) {
        expire(at: now)
        switch state {
        case .committed: throw .committed
        case .released: throw .released
        case .open, .expired: break
        }
        let isLate = state == .expired
        let amount = amount ?? outstanding
        guard committed <= Quantity.largest - amount else { throw .totalTooLarge }
        committed += amount
        outstanding -= min(amount, outstanding)
        if isFinal { (state, finalEvent) = (.committed, event) }
        return (amount, Commitment(reservation: id, isLate: isLate, held: held))
    }
}
