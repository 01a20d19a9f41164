/// A hold that a client asks for.
package struct ReservationRequest: Equatable, Sendable {
    package let id: ReservationID
    package let user: UserID
    package let meter: Meter
    package let amount: Quantity
    package let seconds: Int64

    package init(id: ReservationID, user: UserID, meter: Meter, amount: Quantity, seconds: Int64) {
        self.id = id
        self.user = user
        self.meter = meter
        self.amount = amount
        self.seconds = seconds
    }

    /// Whether the reservation was made for the same request.
    package func isContent(of reservation: Reservation) -> Bool {
        (user, meter, amount) == (reservation.user, reservation.meter, reservation.amount)
            && reservation.expiresAt.since(reservation.createdAt) == seconds * 1_000
    }
}

extension Account {
    /// Holds an amount, whole or not at all.
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

    /// Gives back what a step of a reservation freed.
    package mutating func free(from before: Reservation, to after: Reservation) {
        guard let index = meters.firstIndex(where: { $0.meter == after.meter }) else { return }
        meters[index].reserved -= before.held - after.held
    }
}
