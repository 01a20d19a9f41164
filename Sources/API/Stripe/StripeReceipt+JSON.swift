import JSON
import Metering
import Service
import Web

extension StripeReceipt {
    static let schema = Schema.answer([
        .required("received", .boolean),
        .optional("outcome", .enumeration(StripeOutcome.allCases.map(\.rawValue))),
        .optional("reason", .nullable(.string(1...500)), "Why not all of it did something."),
        .optional("duplicate", .boolean, "True when the event was received before."),
    ]).named("StripeReceipt")

    var json: JSON {
        switch self {
        case .duplicate: ["received": true, "duplicate": true]
        case .new(let outcome, let reason): ["received": true, "outcome": .string(outcome.rawValue), "reason": reason.json]
        }
    }
}
