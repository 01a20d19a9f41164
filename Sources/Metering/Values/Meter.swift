/// The name of a count: `tokens`, `api_calls`, any name of a shop's choice.
package struct Meter: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    /// The meter that every plan has.
    package static let tokens = Meter(stored: "tokens")
    /// Calls of a shop's endpoints.
    package static let apiCalls = Meter(stored: "api_calls")
}

/// An amount of a meter, in the meter's own unit. Balances are signed: a rollover below 0 is debt.
package typealias Quantity = Int64

extension Quantity {
    /// The largest amount of an event, and of any total of an account: 2^53 − 1, the largest integer up to which every JSON reader is
    /// exact.
    package static let largest: Quantity = 9_007_199_254_740_991

    /// The sum with `other`, which stops at `largest` and at −`largest`: for sums over events, days or accounts, which nothing else bounds.
    package func bounded(adding other: Quantity) -> Quantity {
        let sum = Int128(self) + Int128(other)
        return Quantity(Swift.min(Int128(Self.largest), Swift.max(-Int128(Self.largest), sum)))
    }
}

/// How much of a meter a period includes.
package enum Limit: Hashable, Sendable {
    case unlimited
    case of(Quantity)

    /// Nil: unlimited.
    package init(_ quantity: Quantity?) { self = quantity.map { .of($0) } ?? .unlimited }

    /// Nil when unlimited.
    package var quantity: Quantity? {
        if case .of(let quantity) = self { quantity } else { nil }
    }

    /// Whether this limit allows more than `other`: unlimited is above every number, and not above itself.
    package func isAbove(_ other: Limit) -> Bool {
        switch (self, other) {
        case (.of(let mine), .of(let theirs)): mine > theirs
        case (.unlimited, .of): true
        default: false
        }
    }
}
