package struct ChargeID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of a charge, as its client sends it. Two charges with one id are the same charge when their contents are equal.
package struct ChargeContent: Equatable, Sendable {
    package let user: UserID
    package let project: ProjectID?
    /// As the client calls it.
    package let model: ModelName
    package let use: ModelUse

    package init(user: UserID, project: ProjectID?, model: ModelName, use: ModelUse) {
        self.user = user
        self.project = project
        self.model = model
        self.use = use
    }

    package init(user: UserID, project: ProjectID?, model: ModelName, inputTokens: Quantity, outputTokens: Quantity) {
        self.init(user: user, project: project, model: model, use: ModelUse(inputTokens: inputTokens, outputTokens: outputTokens))
    }
}

/// A use of a model that is paid for at once, with the prices in force at its time, which it keeps.
package struct Charge: Equatable, Sendable {
    package let id: ChargeID
    package let content: ChargeContent
    package let prices: UsePrices
    /// What who used the model pays.
    package let cost: Money

    package init(id: ChargeID, content: ChargeContent, prices: UsePrices, cost: Money) {
        self.id = id
        self.content = content
        self.prices = prices
        self.cost = cost
    }

    package init(id: ChargeID, content: ChargeContent, price: ModelPrice) throws(PriceMissing) {
        let prices = try price.prices(of: content.use)
        self.init(id: id, content: content, prices: prices, cost: prices.cost(of: content.use))
    }

    /// Whether the model costs nothing, so that nobody needs a wallet for it.
    package var isFree: Bool { prices.isFree }

    /// What the use costs the shop: the cost without the markup.
    package var ownCost: Money { prices.ownCost(of: content.use) }
}

/// Who or what paid a charge.
package enum ChargeSource: String, CaseIterable, Sendable { case project, user, quota }

/// No wallet could pay a charge whole.
package struct InsufficientBalance: Error, Hashable, Sendable {
    package let required: Money
    /// The most that one of the wallets can pay.
    package let available: Money
    /// What each of the two can pay; nil where there is no such wallet.
    package let project: Money?
    package let user: Money?

    package init(required: Money, available: Money, project: Money? = nil, user: Money? = nil) {
        self.required = required
        self.available = available
        self.project = project
        self.user = user
    }
}

extension Charge {
    /// Lets the project pay the cost whole; where it cannot, the user, whole too. Returns the entry of the wallet that paid; the other one
    /// stays as it is. A wallet that is nil pays nothing.
    package func settle(project: inout Wallet?, user: inout Wallet?, at now: Timestamp) throws(InsufficientBalance) -> WalletEntry {
        if let entry = project?.charge(self, at: now) ?? user?.charge(self, at: now) { return entry }
        throw InsufficientBalance(
            required: cost, available: Self.available(project: project, user: user, at: now), project: project?.available(at: now),
            user: user?.available(at: now))
    }

    /// The most that one charge may cost: the larger of what the two wallets have.
    package static func available(project: Wallet?, user: Wallet?, at now: Timestamp) -> Money {
        [project, user].compactMap { $0?.available(at: now) }.max() ?? .zero
    }
}
