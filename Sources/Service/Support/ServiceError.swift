package import Metering
internal import Store

/// Why a use case did not do what was asked. What the client is told is decided by `API`, in one table.
package enum ServiceError: Error, Sendable {
    /// No such credential.
    case unauthorized
    /// What is asked for does not exist in this shop: a sentence that names it.
    case notFound(String)
    case conflict(String)
    /// The same id was used with other content.
    case idempotencyConflict(String)
    case invalidTransition(String)
    /// Well-formed, but not valid: a field by its JSON name, and what was expected.
    case invalid(field: String, expected: String)
    case usage(UsageRefusal)
    /// The billing error that was kept, and why.
    case insufficientBalance(ChargeID, InsufficientBalance, Currency)
    case overloaded
    case databaseUnavailable
    /// A fault of ours: for the log.
    case fault(String)
}

extension ServiceError {
    /// What a store's error means for a caller; nil when it is a fault of ours.
    init?(_ error: StoreError) {
        switch error.kind {
        case .unavailable: self = .databaseUnavailable
        case .overloaded: self = .overloaded
        case .conflict: self = .conflict("Another change to the same data was made at the same time; try again.")
        case .duplicate, .invalid, .other: return nil
        }
    }
}
