package import Metering
internal import Store

struct PurchaseCommand: Sendable {
    let tenant: Tenant
    let id: PurchaseID
    let content: PurchaseContent
    var author = Author.system
}

/// A purchase as it was made, with its first answer.
package struct PurchaseAnswer: Equatable, Sendable {
    package let purchase: Purchase
    package let isDuplicate: Bool
}

extension PurchaseCommand {
    func answer(madeAs first: Purchase) -> AccountOutcome {
        guard first.content == content else {
            return .failure(.idempotencyConflict("The purchase \(id) was made with other content."))
        }
        return .success(.purchase(PurchaseAnswer(purchase: first, isDuplicate: true)))
    }
}

extension ShopMeter {
    /// Adds an amount to the user's purchased balance, once for the purchase's id. A price without a currency is in the shop's currency.
    package func purchaseUsage(
        _ id: PurchaseID, _ content: PurchaseContent, for tenant: Tenant
    ) async throws -> PurchaseAnswer {
        let priced = content.price != nil && content.currency == nil ? try await priced(content, in: tenant) : content
        return try await commits.perform(.purchase(PurchaseCommand(tenant: tenant, id: id, content: priced, author: .current)))
            .answer { if case .purchase(let answer) = $0 { answer } else { nil } }.get()
    }

    private func priced(_ content: PurchaseContent, in tenant: Tenant) async throws -> PurchaseContent {
        let currency = try await read { try Shops.find(tenant.shop, $0)?.currency }
        return PurchaseContent(
            user: content.user, meter: content.meter, amount: content.amount, price: content.price, currency: currency)
    }
}
