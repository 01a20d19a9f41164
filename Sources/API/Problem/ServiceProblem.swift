import JSON
import Metering
import Service

extension Problem {
    /// The one table of what the use cases refuse. Labelled, as some of its cases are named like problem codes.
    init(service error: ServiceError) {
        switch error {
        case .unauthorized: self.init(.unauthorized, "the token is not valid")
        case .notFound(let sentence): self.init(.notFound, sentence)
        case .conflict(let sentence): self.init(.conflict, sentence)
        case .idempotencyConflict(let sentence): self.init(.idempotencyConflict, sentence)
        case .invalidTransition(let sentence): self.init(.invalidTransition, sentence)
        case .invalid(let field, let expected): self = .invalid(field, expected)
        case .usage(let refusal): self.init(usage: refusal)
        case .insufficientBalance(let id, let balance, let currency):
            self.init(
                .insufficientBalance, "\(balance.required.text) \(currency.code) are needed, and no wallet has them",
                members: [
                    "billing_error_id": id.json, "required": balance.required.walletJSON, "available": balance.available.walletJSON,
                    "currency": currency.json,
                ])
        case .overloaded: self = .overloaded(retryAfter: 1)
        case .databaseUnavailable: self.init(ProblemCode.databaseUnavailable)
        // Routes that take an `Idempotency-Key` answer a replay themselves.
        case .fault, .replay: self.init(.internal)
        }
    }

    private init(usage refusal: UsageRefusal) {
        switch refusal {
        case .limitExceeded(let meter, let limit, let current, let requested, let available):
            self.init(
                .usageLimitExceeded, "\(requested) of \(meter) were asked for, and \(available) are left",
                members: [
                    "meter": meter.json, "limit": limit.json, "current": current.json, "requested": requested.json,
                    "available": available.json,
                ])
        case .totalTooLarge: self = .invalid("amount", "the user's total would pass \(Quantity.largest), the largest quantity")
        case .tooManyMeters: self = .invalid("meter", "the user has \(Account.maximumMeters) meters, the most there may be")
        }
    }
}
