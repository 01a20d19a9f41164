package import Metering
internal import Store

package struct ReservationAnswer: Equatable, Sendable {
    /// As it was when it was made.
    package let reservation: Reservation
    package let isDuplicate: Bool
}

/// What a client says of a commit. Without an event id, a final commit is the event of the reservation's own id.
package struct CommitCommand: Sendable {
    package let reservation: ReservationID
    package let amount: Quantity?
    package let isFinal: Bool
    package let event: EventID?
    /// The event's content beside meter and amount.
    package let content: UsageContent

    package init(reservation: ReservationID, amount: Quantity?, isFinal: Bool, event: EventID?, content: UsageContent) {
        self.reservation = reservation
        self.amount = amount
        self.isFinal = isFinal
        self.event = event
        self.content = content
    }
}

extension HoldCommand {
    func answer(madeAs first: Reservation) -> AccountOutcome {
        guard request.isContent(of: first) else {
            return .failure(.idempotencyConflict("The reservation \(request.id) was made with other content."))
        }
        return .success(.hold(ReservationAnswer(reservation: first.asMade, isDuplicate: true)))
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

extension ShopMeter {
    package static let defaultHoldSeconds: Int64 = 900
    package static let longestHoldSeconds: Int64 = 30 * 86_400

    /// Holds an amount, whole or not at all, once for its id.
    package func reserve(_ request: ReservationRequest, for tenant: Tenant) async throws -> ReservationAnswer {
        try await recorder.perform(.hold(HoldCommand(tenant: tenant, request: request)))
            .answer { if case .hold(let answer) = $0 { answer } else { nil } }.get()
    }

    /// An id for a reservation whose client gave none.
    package func newReservationID() throws -> ReservationID { ReservationID(stored: "res_" + (try newToken())) }

    /// Records the event of a hold, and frees the hold or a part of it.
    package func commit(_ command: CommitCommand, in tenant: Tenant) async throws -> UsageAnswer {
        let reservation = try await reservation(command.reservation, in: tenant)
        var content = command.content
        content.meter = reservation.meter
        content.amount = command.amount ?? 0
        let event = try command.event ?? (command.isFinal ? EventID(stored: reservation.id.rawValue) : newEventID())
        let request = CommitRequest(reservation: reservation.id, amount: command.amount, isFinal: command.isFinal)
        return try await recordUsage(
            UsageCommand(tenant: tenant, user: reservation.user, event: event, content: content, commit: request))
    }

    /// Gives back what is held. Twice is as once.
    package func release(_ id: ReservationID, in tenant: Tenant) async throws -> Reservation {
        let reservation = try await reservation(id, in: tenant)
        return try await free(reservation, in: tenant, .release).get()
    }

    package func reservation(_ id: ReservationID, in tenant: Tenant) async throws -> Reservation {
        guard let found = try await read({ try Reservations.find(id, of: tenant, $0) }) else {
            throw ServiceError.notFound("There is no reservation \(id).")
        }
        return found
    }

    /// Newest first, from behind `after`.
    package func reservations(
        in tenant: Tenant, of user: UserID?, state: ReservationState?, after: (at: Timestamp, id: ReservationID)?, limit: Int
    ) async throws -> [Reservation] {
        try await read {
            try Reservations.list(of: tenant, .init(user: user, state: state), after: after, limit: limit, $0)
        }
    }

    func free(
        _ reservation: Reservation, in tenant: Tenant, _ cause: FreeCommand.Cause
    ) async -> Result<Reservation, ServiceError> {
        let command = FreeCommand(tenant: tenant, user: reservation.user, reservation: reservation.id, cause: cause)
        return await recorder.perform(.free(command)).freed
    }
}

extension AccountOutcome {
    fileprivate var freed: Result<Reservation, ServiceError> {
        answer { if case .freed(let reservation) = $0 { reservation } else { nil } }
    }
}
