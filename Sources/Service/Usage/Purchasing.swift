package import Metering
internal import Store

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
    /// Adds to what a user has purchased, once for the purchase's id. A price without a currency is in the shop's.
    package func purchase(_ id: PurchaseID, _ content: PurchaseContent, for tenant: Tenant) async throws -> PurchaseAnswer {
        let priced = content.price != nil && content.currency == nil ? try await priced(content, in: tenant) : content
        return try await recorder.perform(.purchase(PurchaseCommand(tenant: tenant, id: id, content: priced)))
            .answer { if case .purchase(let answer) = $0 { answer } else { nil } }.get()
    }

    private func priced(_ content: PurchaseContent, in tenant: Tenant) async throws -> PurchaseContent {
        let currency = try await read { try Shops.find(tenant.shop, $0)?.currency }
        return PurchaseContent(
            user: content.user, meter: content.meter, amount: content.amount, price: content.price, currency: currency)
    }
}
