package struct ChargeID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of a charge, as its client sends it. Two charges with one id are the same charge when their contents are equal.
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

    /// The cost of the tokens at a price of the model.
    package func cost(at price: ModelPrice) -> Money { price.cost(inputTokens: inputTokens, outputTokens: outputTokens) }
}

/// A use of a model that is paid for at once, with the price in force at its time, which it keeps.
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

/// Who or what paid a charge.
package enum ChargeSource: String, CaseIterable, Sendable { case project, user, quota }

/// No wallet could pay a charge whole.
package struct InsufficientBalance: Error, Hashable, Sendable {
    package let required: Money
    /// The most that one of the wallets can pay.
    package let available: Money

    package init(required: Money, available: Money) {
        self.required = required
        self.available = available
    }
}

extension Charge {
    /// Lets the project pay the cost whole; where it cannot, the user, whole too. Returns the entry of the wallet that paid; the other one
    /// stays as it is. A wallet that is nil pays nothing.
    package func settle(project: inout Wallet?, user: inout Wallet?, at now: Timestamp) throws(InsufficientBalance) -> WalletEntry {
        if let entry = project?.charge(self, at: now) ?? user?.charge(self, at: now) { return entry }
        throw InsufficientBalance(required: cost, available: Self.available(project: project, user: user, at: now))
    }

    /// The most that one charge may cost: the larger of what the two wallets have.
    package static func available(project: Wallet?, user: Wallet?, at now: Timestamp) -> Money {
        [project, user].compactMap { $0?.available(at: now) }.max() ?? .zero
    }
}
