package import Metering
internal import Store

/// What a change of a subscription would come to.
package struct SubscriptionPreview: Sendable {
    package let change: SubscriptionChange
    /// The invoices that it would issue, lower or pay, as they would be then. The number of a new one is the next, unless another comes first.
    package let invoices: [Invoice]
}

extension ShopMeter {
    /// Makes a change, and takes it back before it is stored: so it is what the change itself would be.
    package func previewSubscription(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor
    ) async throws -> SubscriptionPreview {
        let now = try await now(of: tenant)
        let user = AccountKey(tenant: tenant, user: request.user)
        do {
            return try await accountMutex.withLock(user) {
                try await self.issuingTransaction(of: tenant) { transaction in
                    throw TakenBack(preview: try self.preview(request, of: tenant, by: actor, at: now, in: transaction))
                }
            }
        } catch let takenBack as TakenBack {
            return takenBack.preview
        }
    }

    private func preview(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor, at now: Timestamp, in transaction: Transaction
    ) throws -> SubscriptionPreview {
        func period() throws -> Int64 { try Accounts.find(request.user, of: tenant, transaction)?.periodNumber ?? 1 }
        func invoices(from first: Int64, to last: Int64) throws -> [Invoice] {
            try (first...max(first, last)).flatMap { try Invoices.ofPeriod($0, of: request.user, in: tenant, transaction) }
        }
        let number = try period()
        let before = try invoices(from: number, to: number) + Invoices.open(of: request.user, in: tenant, transaction)
        let change = try change(request, of: tenant, by: actor, at: now, in: transaction)
        let after = try invoices(from: number, to: period()).filter { invoice in !before.contains(invoice) }
        let moved = try before.filter { invoice in !after.contains { $0.number == invoice.number } }.compactMap { invoice in
            try Invoices.find(invoice.number, of: tenant, transaction).flatMap { $0 == invoice ? nil : $0 }
        }
        return SubscriptionPreview(change: change, invoices: moved + after)
    }
}

/// Ends the transaction of a preview, which stores nothing.
private struct TakenBack: Error {
    let preview: SubscriptionPreview
}
