package import Metering
internal import Store

/// Why a use case did not do what was asked. `API` decides in one table what the client is told.
package enum ServiceError: Error, Sendable {
    /// The credential is unknown, revoked or wrong.
    case unauthorized
    /// Something does not exist in this shop; the sentence names it.
    case notFound(String)
    /// Another change came between, or the request contradicts what is stored; the sentence says which.
    case conflict(String)
    /// The same id was used with other content.
    case idempotencyConflict(String)
    /// The present status does not allow the step.
    case invalidTransition(String)
    /// A field, by its JSON name, has a value that is not valid; `expected` says what would be.
    case invalid(field: String, expected: String)
    case usage(UsageRefusal)
    /// A model has no price for something that was used.
    case priceMissing(PriceMissing)
    /// Nobody can pay the charge. A billing error of its id is kept.
    case insufficientBalance(ChargeID, InsufficientBalance, Currency)
    case overloaded
    /// Another transaction has held the data for as long as there was time to wait.
    case contended
    /// The work takes longer than the request may; the sentence says what would be less.
    case tooMuch(String)
    /// The caller makes too many requests.
    case rateLimited(RateExcess)
    /// Too many heavy reads of the shop are under way.
    case tooManyReads
    case databaseUnavailable
    /// A fault of ours: for the log.
    case fault(String)
}

extension ServiceError {
    /// A store's error as callers know it; nil when it is a fault of ours.
    init?(_ error: StoreError) {
        switch error.kind {
        case .unavailable, .interrupted: self = .databaseUnavailable
        case .overloaded: self = .overloaded
        case .contended: self = .contended
        case .conflict: self = .conflict("Another change to the same data was made at the same time; try again.")
        case .duplicate, .invalid, .other: return nil
        }
    }
}
