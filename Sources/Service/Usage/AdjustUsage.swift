package import Metering
internal import Store

/// An adjustment as it was made, with its first answer.
package struct AdjustmentAnswer: Equatable, Sendable {
    package let adjustment: Adjustment
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// Sets a user's balance right, once for the adjustment's id.
    package func adjustUsage(_ id: AdjustmentID, _ content: AdjustmentContent, in tenant: Tenant) async throws -> AdjustmentAnswer {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await accountMutex.withLock(AccountKey(tenant: tenant, user: content.user)) {
            try await self.retryingDuplicates {
                try await self.issuingTransaction(of: tenant) { transaction in
                    if let first = try Adjustments.find(id, of: tenant, transaction) {
                        guard first.content == content else {
                            throw ServiceError.idempotencyConflict("The adjustment \(id) was made with other content.")
                        }
                        return AdjustmentAnswer(adjustment: first, isDuplicate: true)
                    }
                    var loaded = try LoadedBillingState(of: content.user, tenant: tenant, settings: settings, at: now, transaction)
                    let made = try loaded.adjust(content, as: id, settings.enforcement)
                    try loaded.save(in: transaction)
                    try Adjustments.insert(made, of: tenant, in: transaction)
                    try AuditTrail.note(.adjust, id.rawValue, about: content.user, at: made.at, of: tenant, in: transaction)
                    return AdjustmentAnswer(adjustment: made, isDuplicate: false)
                }
            }
        }
    }
}

extension LoadedBillingState {
    /// Sets a balance right in the present author's name, as `Account.adjust` says.
    mutating func adjust(
        _ content: AdjustmentContent, as id: AdjustmentID, _ enforcement: Enforcement, onlyPurchased: Bool = false
    ) throws -> Adjustment {
        do {
            return try state.adjust(
                content, as: id, by: Author.current.actor, at: now, enforcement: enforcement, onlyPurchased: onlyPurchased)
        } catch {
            throw ServiceError.usage(error)
        }
    }
}
