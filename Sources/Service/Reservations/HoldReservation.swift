package import Metering
internal import Store

struct HoldCommand: Sendable {
    let tenant: Tenant
    let request: ReservationRequest
}

/// The answer to a hold.
package struct ReservationAnswer: Equatable, Sendable {
    /// The reservation as it was when it was made.
    package let reservation: Reservation
    package let isDuplicate: Bool
}

extension HoldCommand {
    func answer(madeAs first: Reservation) -> AccountOutcome {
        guard request.isContent(of: first) else {
            return .failure(.idempotencyConflict("The reservation \(request.id) was made with other content."))
        }
        return .success(.hold(ReservationAnswer(reservation: first.asMade, isDuplicate: true)))
    }
}

extension ShopMeter {
    /// Holds an amount, whole or not at all, once for the reservation's id.
    package func holdReservation(_ request: ReservationRequest, for tenant: Tenant) async throws -> ReservationAnswer {
        try await commits.perform(.hold(HoldCommand(tenant: tenant, request: request)))
            .answer { if case .hold(let answer) = $0 { answer } else { nil } }.get()
    }

    /// Makes an id for a reservation whose client gave none: 128 random bits.
    package func newReservationID() throws -> ReservationID { ReservationID(stored: "res_" + (try newToken())) }

    package func reservation(_ id: ReservationID, in tenant: Tenant) async throws -> Reservation {
        guard let found = try await read({ try Reservations.find(id, of: tenant, $0) }) else {
            throw ServiceError.notFound("There is no reservation \(id).")
        }
        return found
    }
}
