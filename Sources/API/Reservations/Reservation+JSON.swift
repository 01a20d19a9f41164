import JSON
import Metering
import Service
import Web

/// A hold as a client asks for it.
enum ReservationInput {
    static let schema = Schema.object([
        .optional("reservation_id", .clientID, "The hold is made once for it; else for the `Idempotency-Key`; else it is made."),
        .required("user_id", .clientID), .optional("meter", .identifier, default: "tokens"),
        .required("amount", .quantity, "Held whole or not at all."),
        .optional(
            "ttl_seconds", .integer(1...ReservationRequest.longestSeconds), "After that it expires.",
            default: .integer(ReservationRequest.defaultSeconds)),
    ]).named("ReservationInput").sampled([
        "reservation_id": "hold-1", "user_id": "ada", "meter": "tokens", "amount": 200, "ttl_seconds": 120,
    ])

    static func request(_ fields: JSON.Object, id: () throws -> ReservationID) throws -> ReservationRequest {
        ReservationRequest(
            id: try fields.identifier(ifAny: "reservation_id") ?? id(), user: try fields.identifier("user_id"),
            meter: try fields.identifier(ifAny: "meter") ?? .tokens, amount: try fields.integer("amount"),
            seconds: try fields.integer(ifAny: "ttl_seconds") ?? ReservationRequest.defaultSeconds)
    }
}

/// The commit of a hold as a client reports it: how much was used.
enum CommitInput {
    static let schema = Schema.object(
        [
            .optional("amount", .quantity, "What was used; all that is held, when left out. More than was held is taken as any event is."),
            .optional("final", .boolean, "Whether the rest of the hold is freed.", default: true),
            .optional(
                "event_id", .clientID, "Of the event; else the `Idempotency-Key`; else the reservation's id, or a new one when not final."
            ),
        ] + UsageInput.detailFields
    ).named("CommitInput").sampled(["event_id": "q-2", "amount": 120])

    static func command(_ fields: JSON.Object, of reservation: ReservationID, key: EventID?) throws -> CommitCommand {
        CommitCommand(
            reservation: reservation, amount: try fields.integer(ifAny: "amount"), isFinal: try fields.bool(ifAny: "final") ?? true,
            event: try fields.identifier(ifAny: "event_id") ?? key, content: try UsageInput.details(fields))
    }
}

extension Reservation {
    static let fields: [Schema.Field] = [
        .required("reservation_id", .clientID), .required("user_id", .clientID), .required("meter", .identifier),
        .required("amount", .quantity, "Held at first."), .required("state", .choice(of: ReservationState.self, named: "ReservationState")),
        .required("held", .quantity, "Still held."), .required("committed", .quantity, "The sum of the committed events."),
        .required("created_at", .time), .required("expires_at", .time),
    ]
    static let schema = Schema.answer(fields).named("Reservation")

    var object: JSON.Object {
        JSON.Object([
            "reservation_id": id.json, "user_id": user.json, "meter": meter.json, "amount": amount.json, "state": .string(state.rawValue),
            "held": held.json, "committed": committed.json, "created_at": createdAt.json, "expires_at": expiresAt.json,
        ])
    }
}

extension ReservationAnswer {
    static let schema = Schema.answer(
        Reservation.fields + [
            .required("duplicate", .boolean, "True: this is the first answer to the same hold."),
            .required("remaining", .nullable(.quantity), "What can be used after it; null is unlimited."),
        ]
    ).named("MadeReservation")

    var json: JSON {
        .object(
            reservation.object.followed(
                by: JSON.Object(["duplicate": isDuplicate.json, "remaining": reservation.remaining.json])))
    }
}

/// The answer to the commit of a hold.
enum CommitAnswer {
    static let schema = Schema.answer(
        UsageAnswer.fields + [
            .required("reservation_id", .clientID),
            .required("late", .boolean, "Whether the reservation had expired: then it is an ordinary event."),
            .required("held", .quantity, "What the reservation holds after it."),
        ]
    ).named("Commit")

    static func json(_ answer: UsageAnswer) -> [UInt8] {
        ObjectWriter.object(capacity: 512) { commit in
            answer.write(into: &commit)
            guard let commitment = answer.event.commitment else { return }
            commit.field("reservation_id", commitment.reservation.rawValue)
            commit.field("late", commitment.isLate)
            commit.field("held", commitment.held)
        }
    }
}
