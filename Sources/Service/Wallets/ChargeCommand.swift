package import Metering
internal import Store

/// A charge to be made: named, validated, and of a shop.
struct ChargeCommand: GroupCommand {
    let tenant: Tenant
    let id: ChargeID
    let content: ChargeContent
    /// Whoever sold the use.
    var provider: String? = nil
    /// Whether it stays unpaid where neither the project nor the user has a wallet.
    var needsNoWallet = false

    var key: ChargeKey { ChargeKey(tenant: tenant, id: id) }
    var entry: WalletEntryKey { .charge(id, tenant) }
    var user: WalletKey { WalletKey(tenant: tenant, owner: .user(content.user)) }
    var project: WalletKey? { content.project.map { WalletKey(tenant: tenant, owner: .project($0)) } }
    var model: PricedModel { PricedModel(tenant: tenant, model: content.model, provider: provider) }

    /// Another transaction on the wallets that may pay is what a charge may have to wait for.
    var lane: [WalletKey] { [project, user].compactMap(\.self) }

    /// The charge at its model's price. Throws when the model has no price in force, the project no wallet, or the cost too many digits.
    func charge(at price: ModelPrice?, project: Wallet?) throws(ServiceError) -> Charge {
        guard let price else {
            throw .invalid(field: "model", expected: "expected a model with a price in force; \(content.model) has none")
        }
        if let name = content.project, project == nil { throw .notFound("There is no project \(name).") }
        let charge: Charge
        do { charge = try Charge(id: id, content: content, price: price) } catch { throw .priceMissing(error) }
        // More than any wallet can hold.
        guard charge.cost < Wallet.balanceBound else {
            throw .invalid(field: "input_tokens", expected: "expected tokens whose cost has at most 15 digits")
        }
        return charge
    }
}

struct PricedModel: Hashable {
    let tenant: Tenant
    let model: ModelName
    let provider: String?
}

/// A charge that was made, and the wallet entry of whoever paid it.
package struct ChargeAnswer: Equatable, Sendable {
    package let charge: Charge
    /// Nil for a free model's charge where there is no wallet; it is not kept.
    package let entry: WalletEntry?
    package let at: Timestamp
    package let isDuplicate: Bool

    init(_ charge: Charge, paidBy entry: WalletEntry?, at now: Timestamp, isDuplicate: Bool) {
        self.charge = charge
        self.entry = entry
        at = entry?.at ?? now
        self.isDuplicate = isDuplicate
    }
}

typealias ChargeOutcome = Result<ChargeAnswer, ServiceError>

extension ChargeCommand {
    func answer(madeAs first: WalletEntry) -> ChargeOutcome {
        guard let charge = first.charge, charge.content == content else {
            return .failure(.idempotencyConflict("The charge \(id) was made with other content."))
        }
        return .success(ChargeAnswer(charge, paidBy: first, at: first.at, isDuplicate: true))
    }
}
