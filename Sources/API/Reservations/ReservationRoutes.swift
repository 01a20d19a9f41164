import HTTP
import JSON
import Metering
import Service
import Web

/// Holds on allowances, for work whose amount is known when it is done.
struct ReservationRoutes: Sendable {
    let service: ShopMeter

    static let tag = "reservations"
    private static let id = Parameter.clientID("reservation_id")

    var all: [Route] { [post, list, get, commit, release] }

    private var post: Route {
        Route(
            .post, "/v1/reservations", id: "createReservation", "Hold an amount", description: "Whole, or not at all: then 402.",
            tag: Self.tag,
            access: .shop(.usage), idempotency: .id("reservation_id", orKey: true), body: .json(ReservationInput.schema),
            answers: [
                .json(201, "The amount is held", ReservationAnswer.schema),
                .json(200, "It was held before: the first answer", ReservationAnswer.schema),
            ],
            problems: [.usageLimitExceeded], isBrief: true
        ) { call in
            let key = try call.idempotencyKey.map(ReservationID.init(stored:))
            let request = try ReservationInput.request(call.fields) { try key ?? service.newReservationID() }
            let answer = try await service.holdReservation(request, for: call.tenant)
            return .json(answer.isDuplicate ? 200 : 201, answer.json)
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/reservations/{reservation_id}", id: "getReservation", "One hold", tag: Self.tag, access: .shop(.read),
            parameters: [Self.id],
            answers: [.json(200, "The reservation", Reservation.schema)], problems: [.notFound], isBrief: true
        ) { call in
            .json(200, .object(try await service.reservation(try call.parameters.identifier("reservation_id"), in: call.tenant).object))
        }
    }

    private var commit: Route {
        Route(
            .post, "/v1/reservations/{reservation_id}/commit", id: "commitReservation", "Record what a hold came to",
            description: "The event and the end of the hold are one. Committing twice is the same as once.", tag: Self.tag,
            access: .shop(.usage), idempotency: .id("event_id", orKey: true), parameters: [Self.id], body: .optional(CommitInput.schema),
            answers: [
                .json(201, "The event is recorded", CommitAnswer.schema),
                .json(200, "It was recorded before: the first answer", CommitAnswer.schema),
            ],
            problems: [.notFound, .invalidTransition], isBrief: true
        ) { call in
            let key = try call.idempotencyKey.map(EventID.init(stored:))
            let command = try CommitInput.command(call.fields, of: try call.parameters.identifier("reservation_id"), key: key)
            let answer = try await service.commitReservation(command, in: call.tenant)
            return .json(answer.isDuplicate ? 200 : 201, written: CommitAnswer.json(answer))
        }
    }

    private var release: Route {
        Route(
            .post, "/v1/reservations/{reservation_id}/release", id: "releaseReservation", "Give a hold back",
            description: "Releasing twice is the same as once.", tag: Self.tag, access: .shop(.usage),
            idempotency: .natural("a hold that is released stays released"), parameters: [Self.id], body: .optional(.object([])),
            answers: [.json(200, "The reservation after it", Reservation.schema)],
            problems: [.notFound, .invalidTransition], isBrief: true
        ) { call in
            .json(
                200, .object(try await service.releaseReservation(try call.parameters.identifier("reservation_id"), in: call.tenant).object)
            )
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/reservations", id: "listReservations", "The holds", tag: Self.tag, access: .shop(.read, endUser: true),
            parameters: [
                .query("user_id", .clientID, "Only those of this user."),
                .query("state", .choice(of: ReservationState.self, named: "ReservationState"), "Only those that are in it now."),
            ] + Page.parameters,
            answers: [.json(200, "Reservations, newest first", Page.schema(of: Reservation.schema))], handle: listReservations)
    }

    private func listReservations(_ call: Call) async throws -> Response {
        let list = ReservationList(
            of: try call.parameters.identifier(ifAny: "user_id"),
            state: try call.parameters.value(ifAny: "state", ReservationState.init(rawValue:)))
        return try await call.answer("reservations", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
    }
}
