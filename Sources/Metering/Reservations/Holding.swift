/// A hold that a client asks for.
package struct ReservationRequest: Equatable, Sendable {
    package let id: ReservationID
    package let user: UserID
    package let meter: Meter
    package let amount: Quantity
    /// From the hold to its expiry.
    package let seconds: Int64

    package static let defaultSeconds: Int64 = 900
    /// The longest time of a hold: 30 days.
    package static let longestSeconds: Int64 = 30 * 86_400

    package init(id: ReservationID, user: UserID, meter: Meter, amount: Quantity, seconds: Int64) {
        self.id = id
        self.user = user
        self.meter = meter
        self.amount = amount
        self.seconds = seconds
    }

    /// Whether the reservation came of a request with this content: the same user, meter, amount and time.
    package func isContent(of reservation: Reservation) -> Bool {
        (user, meter, amount) == (reservation.user, reservation.meter, reservation.amount)
            && reservation.expiresAt.since(reservation.createdAt) == seconds * 1_000
    }
}

extension Account {
    /// Holds an amount, whole or not at all: H grows by it. The hold is enforced as an event is.
    package mutating func hold(
        _ request: ReservationRequest, at now: Timestamp, enforcement: Enforcement = .on
    ) throws(UsageRefusal) -> Reservation {
        let index = try balanceIndex(of: request.meter)
        try meters[index].under(enforcement).check(request.amount, enforce: true)
        guard meters[index].reserved <= Quantity.largest - request.amount else { throw .totalTooLarge }
        meters[index].reserved += request.amount
        return Reservation(
            id: request.id, user: user, meter: request.meter, amount: request.amount, createdAt: now,
            expiresAt: now.adding(milliseconds: request.seconds * 1_000), remaining: meters[index].under(enforcement).remaining,
            outstanding: request.amount)
    }

    /// Ends holds that are past their time.
    package mutating func endHolds(_ overdue: [Reservation], at now: Timestamp) {
        for hold in overdue {
            var ended = hold
            ended.expire(at: now)
            releaseHold(from: hold, to: ended)
        }
    }

    /// Lowers H by what a step of a reservation, from `before` to `after`, no longer holds.
    package mutating func releaseHold(from before: Reservation, to after: Reservation) {
        guard let index = meters.firstIndex(where: { $0.meter == after.meter }) else { return }
        meters[index].reserved -= before.held - after.held
    }
}
