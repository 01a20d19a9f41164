package struct ChargeID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// What a client says of a charge. Two with one id are the same when their contents are equal.
package struct ChargeContent: Equatable, Sendable {
    package let user: UserID
    package let project: ProjectID?
    package let model: ModelName
    package let inputTokens: Quantity
    package let outputTokens: Quantity

    package init(user: UserID, project: ProjectID?, model: ModelName, inputTokens: Quantity, outputTokens: Quantity) {
        self.user = user
        self.project = project
        self.model = model
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// By the price of its model.
    package func cost(at price: ModelPrice) -> Money { price.cost(inputTokens: inputTokens, outputTokens: outputTokens) }
}

/// A use of a model at the price in force at its time, which it keeps.
package struct Charge: Equatable, Sendable {
    package let id: ChargeID
    package let content: ChargeContent
    package let price: ModelPrice
    package let cost: Money

    package init(id: ChargeID, content: ChargeContent, price: ModelPrice, cost: Money) {
        self.id = id
        self.content = content
        self.price = price
        self.cost = cost
    }

    package init(id: ChargeID, content: ChargeContent, price: ModelPrice) {
        self.init(id: id, content: content, price: price, cost: content.cost(at: price))
    }
}

/// What paid a charge.
package enum ChargeSource: String, CaseIterable, Sendable { case project, user, quota }

/// Nothing could pay a charge.
package struct InsufficientBalance: Error, Hashable, Sendable {
    package let required: Money
    /// The most that one wallet has.
    package let available: Money

    package init(required: Money, available: Money) {
        self.required = required
        self.available = available
    }
}

extension Charge {
    /// Lets the project pay whole, else the user, whole as well. Returns the entry, and changes the wallet that paid.
    package func settle(project: inout Wallet?, user: inout Wallet?, at now: Timestamp) throws(InsufficientBalance) -> WalletEntry {
        if let entry = project?.charge(self, at: now) ?? user?.charge(self, at: now) { return entry }
        throw InsufficientBalance(required: cost, available: Self.available(project: project, user: user, at: now))
    }

    /// The most that one charge may cost.
    package static func available(project: Wallet?, user: Wallet?, at now: Timestamp) -> Money {
        [project, user].compactMap { $0?.available(at: now) }.max() ?? .zero
    }
}
