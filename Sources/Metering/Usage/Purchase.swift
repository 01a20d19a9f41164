package struct PurchaseID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of a purchase, as its client sends it. Two purchases with one id are the same purchase when their contents are equal.
package struct PurchaseContent: Equatable, Sendable {
    package let user: UserID
    package let meter: Meter
    package let amount: Quantity
    /// The price that the shop took, for the record: nothing here bills it.
    package let price: Money?
    package let currency: Currency?

    package init(user: UserID, meter: Meter, amount: Quantity, price: Money? = nil, currency: Currency? = nil) {
        self.user = user
        self.meter = meter
        self.amount = amount
        self.price = price
        self.currency = currency
    }
}

/// An amount that was bought. It does not end with a period: nothing but use lowers what was purchased.
package struct Purchase: Equatable, Sendable {
    package let id: PurchaseID
    package let content: PurchaseContent
    package let at: Timestamp
    /// P after the purchase: what is left of all that was purchased.
    package let purchased: Quantity
    /// The amount still available after the purchase; nil when unlimited.
    package let remaining: Quantity?
    package let author: Author

    package init(
        id: PurchaseID, content: PurchaseContent, at: Timestamp, purchased: Quantity, remaining: Quantity?, by author: Author = .system
    ) {
        self.id = id
        self.content = content
        self.at = at
        self.purchased = purchased
        self.remaining = remaining
        self.author = author
    }
}

extension Account {
    /// Adds an amount to what was purchased of its meter. `totalTooLarge` where P would pass `Quantity.largest`, or with it what a whole period has
    /// left: L, P and what is or can be carried over.
    package mutating func purchase(
        _ content: PurchaseContent, as id: PurchaseID, by author: Author = .system, at now: Timestamp, enforcement: Enforcement = .on
    ) throws(UsageRefusal) -> Purchase {
        let index = try balanceIndex(of: content.meter)
        guard meters[index].hasRoom(for: content.amount) else { throw .totalTooLarge }
        meters[index].purchased += content.amount
        let remaining = meters[index].under(enforcement).remaining
        return Purchase(id: id, content: content, at: now, purchased: meters[index].purchased, remaining: remaining, by: author)
    }
}

extension MeterBalance {
    /// Whether L, P and the rollover stay in range together with `amount` more of P.
    fileprivate func hasRoom(for amount: Quantity) -> Bool {
        let others = Int128(limit.quantity ?? 0) + Int128(max(0, rollover, rolloverCap ?? 0)) + Int128(purchased)
        return others + Int128(amount) <= Int128(Quantity.largest)
    }
}
