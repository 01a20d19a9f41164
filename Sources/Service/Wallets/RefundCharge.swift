package import Metering
internal import Store

/// A refund of a charge: the entry of the wallet that paid.
package struct ChargeRefundAnswer: Equatable, Sendable {
    package let entry: WalletEntry
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// Gives a charge back to the wallet that paid it, whole or in part, once for the refund's id. A nil amount means all that is left.
    package func refundCharge(
        _ charge: ChargeID, _ amount: Money?, as id: RefundID, in tenant: Tenant
    ) async throws -> ChargeRefundAnswer {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await transaction { transaction in
                let keys = (refund: WalletEntryKey.refund(id, tenant), charge: WalletEntryKey.charge(charge, tenant))
                let found = try WalletEntries.find([keys.refund, keys.charge], transaction)
                if let first = found[keys.refund] { return try Self.firstAnswer(first, to: charge, amount) }
                guard let paid = found[keys.charge] else { throw ServiceError.notFound("There is no charge \(charge).") }
                var wallet = try Self.wallet(of: paid.owner, in: tenant, at: now, transaction)
                let refunded = try WalletEntries.refunded(charge, of: tenant, transaction)
                let entry = try Self.refund(paid, amount, refunded, as: id, from: &wallet, at: now)
                try Self.save(wallet, with: entry, of: tenant, at: now, telling: self.settings.outbox, in: transaction)
                try AuditTrail.note(
                    .chargeRefund, charge.rawValue, about: paid.charge?.content.user, at: now, of: tenant, in: transaction)
                return ChargeRefundAnswer(entry: entry, isDuplicate: false)
            }
        }
    }

    private static func firstAnswer(_ first: WalletEntry, to charge: ChargeID, _ amount: Money?) throws -> ChargeRefundAnswer {
        // Without an amount, the first request asked for all that was left, so that nothing was left after it.
        guard let refund = first.refund, refund.charge == charge, amount ?? refund.amount == refund.amount,
            amount != nil || refund.refunded == refund.cost
        else { throw ServiceError.idempotencyConflict("The refund was made with other content.") }
        return ChargeRefundAnswer(entry: first, isDuplicate: true)
    }

    private static func refund(
        _ paid: WalletEntry, _ amount: Money?, _ refunded: Money, as id: RefundID, from wallet: inout Wallet,
        at now: Timestamp
    ) throws -> WalletEntry {
        do {
            guard let entry = try wallet.refund(paid, amount, refunded: refunded, as: id, by: .current, at: now) else {
                throw ServiceError.invalid(field: "amount", expected: "expected an amount with which the balance has at most 15 digits")
            }
            return entry
        } catch let error as RefundTooLarge {
            guard error.left > .zero else { throw ServiceError.conflict("Nothing is left of the charge to give back.") }
            throw ServiceError.invalid(
                field: "amount", expected: "expected more than 0 and at most \(error.left.text(digits: 4)), which is left")
        }
    }
}
