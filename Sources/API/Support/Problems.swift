import HTTP
import JSON
import Metering
package import Service
package import Web

/// The codes of this service, beside those of the protocol.
extension ProblemCode {
    package static let usageLimitExceeded = ProblemCode("usage_limit_exceeded", status: 402, title: "The allowance is used up")
    package static let insufficientBalance = ProblemCode("insufficient_balance", status: 402, title: "The balance is too small")
    package static let invalidTransition = ProblemCode("invalid_transition", status: 409, title: "The lifecycle does not have this step")
    package static let priceMissing = ProblemCode("price_missing", status: 422, title: "The model has no price for it")
    package static let databaseUnavailable = ProblemCode("database_unavailable", status: 503, title: "The database cannot be reached")

    /// Every code that a client may see, in the order of the document.
    package static let all: [ProblemCode] = [
        .malformedRequest, .malformedJSON, .unauthorized, .forbidden, .usageLimitExceeded, .insufficientBalance, .notFound,
        .methodNotAllowed, .notAcceptable, .conflict, .idempotencyConflict, .invalidTransition, .bodyTooLarge, .unsupportedMediaType,
        .invalidRequest, .priceMissing, .rateLimited, .internal, .overloaded, .databaseUnavailable,
    ]
}

extension Problem {
    /// The body of an answer.
    static let schema = Schema.answer(memberFields + [.required("request_id", .identifier)]).named("Problem")

    /// A part of an answer, whose header has the request's id.
    static let partSchema = Schema.answer(memberFields).named("ProblemMembers")

    private static let memberFields = fields(
        codes: ProblemCode.all,
        own: [
            .optional("meter", .identifier), .optional("limit", .quantity), .optional("current", .quantity),
            .optional("requested", .quantity), .optional("available", .any, "A quantity; of `insufficient_balance`, money."),
            .optional("required", .money), .optional("currency", .currency), .optional("billing_error_id", .clientID),
            .optional("model", .modelName),
            .optional("class", .string(1...50), "The class of tokens, or the unit, that has no price."),
        ])
}

/// The one table of the problems that the errors of use cases are.
extension ServiceError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .unauthorized: Problem(.unauthorized, "the token is not valid")
        case .notFound(let sentence): Problem(.notFound, sentence)
        case .conflict(let sentence): Problem(.conflict, sentence)
        case .idempotencyConflict(let sentence): Problem(.idempotencyConflict, sentence)
        case .invalidTransition(let sentence): Problem(.invalidTransition, sentence)
        case .invalid(let field, let expected): .invalid(field, expected)
        case .usage(let refusal): Self.problem(of: refusal)
        case .insufficientBalance(let id, let balance, let currency):
            Problem(
                .insufficientBalance, "\(balance.required.text) \(currency.code) are needed, and no wallet has them",
                members: [
                    "billing_error_id": id.json, "required": balance.required.walletJSON, "available": balance.available.walletJSON,
                    "currency": currency.json,
                ])
        case .priceMissing(let missing):
            Problem(
                .priceMissing,
                "the model \(missing.model) has no price of \(missing.kind), and no fallback for it: set classes or fallbacks of its price",
                members: ["model": missing.model.json, "class": missing.kind.json])
        case .overloaded, .contended: .overloaded(retryAfter: 1)
        case .tooMuch(let sentence): .overloaded(retryAfter: 1, sentence)
        case .rateLimited(let excess): excess.problem
        case .tooManyReads:
            Problem(.rateLimited, "as many reads of this kind as the shop may have are under way", headers: Headers(["retry-after": "2"]))
        case .databaseUnavailable: Problem(ProblemCode.databaseUnavailable)
        case .fault: Problem(.internal)
        }
    }

    private static func problem(of refusal: UsageRefusal) -> Problem {
        switch refusal {
        case .limitExceeded(let meter, let limit, let current, let requested, let available):
            Problem(
                .usageLimitExceeded, "\(requested) \(meter) were asked for, and \(available) are left",
                members: [
                    "meter": meter.json, "limit": limit.json, "current": current.json, "requested": requested.json,
                    "available": available.json,
                ])
        case .totalTooLarge: .invalid("amount", "the user's total would pass \(Quantity.largest), the largest quantity")
        case .tooManyMeters: .invalid("meter", "the user has \(Account.maximumMeters) meters, the most there may be")
        }
    }
}
