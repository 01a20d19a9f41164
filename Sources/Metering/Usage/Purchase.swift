package struct PurchaseID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// What a client says of a purchase. Two with one id are the same when their contents are equal.
package struct PurchaseContent: Equatable, Sendable {
    package let user: UserID
    package let meter: Meter
    package let amount: Quantity
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

/// An amount that was bought: it does not end with a period, and nothing but consumption lowers it.
package struct Purchase: Equatable, Sendable {
    package let id: PurchaseID
    package let content: PurchaseContent
    package let at: Timestamp
    /// What of all purchases was left after it.
    package let purchased: Quantity
    /// What could still be used after it; nil when unlimited.
    package let remaining: Quantity?

    package init(id: PurchaseID, content: PurchaseContent, at: Timestamp, purchased: Quantity, remaining: Quantity?) {
        self.id = id
        self.content = content
        self.at = at
        self.purchased = purchased
        self.remaining = remaining
    }
}

extension Account {
    package mutating func purchase(
        _ content: PurchaseContent, as id: PurchaseID, at now: Timestamp, enforcement: Enforcement = .on
    ) throws(UsageRefusal) -> Purchase {
        let index = try balanceIndex(of: content.meter)
        guard meters[index].purchased <= Quantity.largest - content.amount else { throw .totalTooLarge }
        meters[index].purchased += content.amount
        let remaining = meters[index].under(enforcement).remaining
        return Purchase(id: id, content: content, at: now, purchased: meters[index].purchased, remaining: remaining)
    }
}
