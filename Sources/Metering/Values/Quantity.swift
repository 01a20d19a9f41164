/// What meters count, in the meter's own unit. Balances are signed, as a rollover below 0 is debt.
package typealias Quantity = Int64

extension Quantity {
    /// The largest amount of an event, and of any total of an account: 2^53 − 1, what every JSON reader keeps exactly.
    package static let largest: Quantity = 9_007_199_254_740_991
}

/// An allowance of a period.
package enum Limit: Hashable, Sendable {
    case unlimited
    case of(Quantity)

    package init(_ quantity: Quantity?) { self = quantity.map { .of($0) } ?? .unlimited }

    /// Nil when unlimited.
    package var quantity: Quantity? {
        if case .of(let quantity) = self { quantity } else { nil }
    }

    /// Unlimited is above every number.
    package func isAbove(_ other: Limit) -> Bool {
        switch (self, other) {
        case (.of(let mine), .of(let theirs)): mine > theirs
        case (.unlimited, .of): true
        default: false
        }
    }
}
