package struct ReservationID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package enum ReservationState: String, CaseIterable, Hashable, Sendable {
    case open, committed, released, expired
}

/// A hold on a meter, for work whose amount is known when it is done. While it is open, it lowers what enforced events and other holds may
/// be.
package struct Reservation: Equatable, Sendable {
    package let id: ReservationID
    package let user: UserID
    package let meter: Meter
    /// The amount that was asked for, and held at first.
    package let amount: Quantity
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// The amount still available after the reservation was made, as its first answer says it; nil when unlimited.
    package let remaining: Quantity?
    package private(set) var state: ReservationState
    /// The part of the amount that no commit has freed yet; it is held while the reservation is open.
    package private(set) var outstanding: Quantity
    /// The sum of the amounts of its commits' events.
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

    /// The reservation as it was when it was made.
    package var asMade: Reservation {
        Reservation(
            id: id, user: user, meter: meter, amount: amount, createdAt: createdAt, expiresAt: expiresAt, remaining: remaining,
            outstanding: amount)
    }

    /// The part of the meter's H that is this reservation's.
    package var held: Quantity { state == .open ? outstanding : 0 }

    /// Whether the reservation has expired by `now` and is still open: its end counts from its instant on, whenever it is noticed.
    package func isOverdue(at now: Timestamp) -> Bool { state == .open && now >= expiresAt }
}

/// Why a reservation was not committed or released.
package enum ReservationRefusal: Error, Equatable, Sendable {
    /// Its final commit was made before.
    case committed
    /// It was released before.
    case released
    /// The sum of its commits would pass `Quantity.largest`.
    case totalTooLarge
}

/// The life of a reservation. What a step no longer holds is the difference of `held`, which `Account.releaseHold` takes from the account.
///
///                 commit, final   commit, not final   release     expire
///     open        committed       open                released    expired
///     expired     committed       expired             –           –
///     released    refused         refused             –           –
///     committed   refused         refused             refused     –
///
/// – is a step that changes nothing: it may be repeated.
extension Reservation {
    /// Ends the hold if its time is over.
    package mutating func expire(at now: Timestamp) {
        if isOverdue(at: now) { state = .expired }
    }

    /// Ends the hold without a commit. On a reservation that was released or has expired it changes nothing.
    package mutating func release(at now: Timestamp) throws(ReservationRefusal) {
        expire(at: now)
        switch state {
        case .open: state = .released
        case .released, .expired: break
        case .committed: throw .committed
        }
    }

    /// Commits an event against the reservation, and returns the event's amount with what it says of the reservation.
    ///
    /// - Parameters:
    ///   - amount: of the event, which may be more than is held; nil: as much as is outstanding.
    ///   - isFinal: whether the commit ends the hold and frees all of it; else it frees as much as the amount.
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
