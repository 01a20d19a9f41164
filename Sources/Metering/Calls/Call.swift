package import Bytes

package struct CallID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    /// A call's event, its charge and its hold have the call's id.
    package var event: EventID { EventID(stored: rawValue) }
    package var charge: ChargeID { ChargeID(stored: rawValue) }
    package var hold: ReservationID { ReservationID(stored: rawValue) }
}

/// A call of a model as its client reports it: who called what, and what it used. Two calls with one id are the same call when their contents are
/// equal.
package struct CallContent: Equatable, Sendable {
    package let charge: ChargeContent
    /// Whoever sold it, where its price is not its maker's: `azure`, `bedrock`.
    @Bytewise package var provider: String?
    /// What its tokens are counted on.
    package let meter: Meter
    /// The hold that it ends.
    package let hold: ReservationID?
    @Bytewise package var dimensions: [String: String]

    package init(
        charge: ChargeContent, provider: String? = nil, meter: Meter = .tokens, hold: ReservationID? = nil,
        dimensions: [String: String] = [:]
    ) {
        self.charge = charge
        self.provider = provider
        self.meter = meter
        self.hold = hold
        self.dimensions = dimensions
    }

    package static let model = "model"
    package static let maximumDimensions = 20

    /// The event that counts it: all of its tokens. Its dimensions name the model, so that a breakdown can group by it.
    package var event: UsageContent {
        var dimensions = dimensions
        if dimensions[Self.model] == nil, dimensions.count < Self.maximumDimensions { dimensions[Self.model] = charge.model.rawValue }
        return UsageContent(meter: meter, amount: charge.use.total, dimensions: dimensions)
    }

    /// The event that counts the tokens of one class too, for a plan that has the class's meter; it refers to the call.
    package func event(of kind: TokenClass, call: CallID) -> UsageContent {
        UsageContent(
            meter: kind.meter, amount: charge.use.tokens(kind), referenceID: call.rawValue, dimensions: event.dimensions)
    }

    /// Every class of which there are tokens, but for the one whose meter counts all of them.
    package var classes: [TokenClass] { TokenClass.allCases.filter { charge.use.tokens($0) > 0 && $0.meter != meter } }
}

/// What a wallet paid for a call.
package struct CallPayment: Equatable, Sendable {
    package let owner: WalletOwner
    package let source: ChargeSource
    package let fromQuota: Money
    package let fromBalance: Money
    /// Of the wallet, after it.
    package let balance: Money

    package init(owner: WalletOwner, source: ChargeSource, fromQuota: Money, fromBalance: Money, balance: Money) {
        self.owner = owner
        self.source = source
        self.fromQuota = fromQuota
        self.fromBalance = fromBalance
        self.balance = balance
    }

    /// Nil for an entry that is no charge's.
    package init?(_ entry: WalletEntry) {
        guard case .charge(_, let fromQuota) = entry.kind, let source = entry.source else { return nil }
        self.init(owner: entry.owner, source: source, fromQuota: fromQuota, fromBalance: -entry.amount, balance: entry.balance)
    }
}

/// A call that was recorded, with what it came to. It is never changed; its event is in the log, and its charge among the wallet's entries.
package struct RecordedCall: Equatable, Sendable {
    package let id: CallID
    package let content: CallContent
    /// With the prices that were in force.
    package let charge: Charge
    /// Nil where neither the project nor the user has a wallet: then it is only counted.
    package let payment: CallPayment?
    /// The maker's usage object, as JSON.
    @Bytewise package var usage: String
    package let at: Timestamp

    package init(id: CallID, content: CallContent, charge: Charge, payment: CallPayment?, usage: String, at: Timestamp) {
        self.id = id
        self.content = content
        self.charge = charge
        self.payment = payment
        self.usage = usage
        self.at = at
    }

    /// The largest usage object that is kept, in bytes of JSON.
    package static let maximumUsageBytes = 16_384
}
