package import Metering
internal import Store

/// A commit as a client asks for it. Without an event id, a final commit is the event with the reservation's own id.
package struct CommitCommand: Sendable {
    package let reservation: ReservationID
    package let amount: Quantity?
    package let isFinal: Bool
    package let event: EventID?
    /// The event's content; its meter and amount do not count.
    package let content: UsageContent

    package init(reservation: ReservationID, amount: Quantity?, isFinal: Bool, event: EventID?, content: UsageContent) {
        self.reservation = reservation
        self.amount = amount
        self.isFinal = isFinal
        self.event = event
        self.content = content
    }
}

/// The end of a hold without an event.
struct FreeCommand: Sendable {
    enum Cause: Sendable { case release, expiry }

    let tenant: Tenant
    /// The user whose reservation it is.
    let user: UserID
    let reservation: ReservationID
    let cause: Cause
}

/// The end of a hold: by its event, or without one.
extension ShopMeter {
    /// Records the event of a hold, and frees the hold or a part of it, once for the event's id.
    package func commitReservation(_ command: CommitCommand, in tenant: Tenant) async throws -> UsageAnswer {
        let reservation = try await reservation(command.reservation, in: tenant)
        var content = command.content
        content.meter = reservation.meter
        content.amount = command.amount ?? 0
        let event = try command.event ?? (command.isFinal ? EventID(stored: reservation.id.rawValue) : newEventID())
        let request = CommitRequest(reservation: reservation.id, amount: command.amount, isFinal: command.isFinal)
        return try await recordUsage(
            UsageCommand(tenant: tenant, user: reservation.user, event: event, content: content, commit: request))
    }

    /// Gives back the amount that is held. Releasing twice is releasing once.
    package func releaseReservation(_ id: ReservationID, in tenant: Tenant) async throws -> Reservation {
        let reservation = try await reservation(id, in: tenant)
        return try await free(reservation, in: tenant, .release).get()
    }

    func free(
        _ reservation: Reservation, in tenant: Tenant, _ cause: FreeCommand.Cause
    ) async -> Result<Reservation, ServiceError> {
        let command = FreeCommand(tenant: tenant, user: reservation.user, reservation: reservation.id, cause: cause)
        return await commits.perform(.free(command)).freed
    }
}

extension ServiceError {
    init(_ refusal: ReservationRefusal) {
        switch refusal {
        case .committed: self = .invalidTransition("The reservation is committed.")
        case .released: self = .invalidTransition("The reservation was released.")
        case .totalTooLarge: self = .usage(.totalTooLarge)
        }
    }
}

extension AccountOutcome {
    fileprivate var freed: Result<Reservation, ServiceError> {
        answer { if case .freed(let reservation) = $0 { reservation } else { nil } }
    }
}
