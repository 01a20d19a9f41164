package import Metering
internal import Store

/// The cost of a charge, and whether it can be paid.
package struct ChargeEstimate: Equatable, Sendable {
    package let cost: Money
    /// The larger of what the project's and the user's wallet can pay.
    package let available: Money
    package let currency: Currency
    package var isSufficient: Bool { cost <= available }
}

extension ShopMeter {
    /// Charges the cost by the model's price in force, whole to the project's wallet, else to the user's, once for the charge's id. When neither
    /// can pay, throws `insufficientBalance`, and a billing error is kept.
    package func chargeModelUse(_ id: ChargeID, _ content: ChargeContent, for tenant: Tenant) async throws -> ChargeAnswer {
        try await withCheckedContinuation { continuation in
            let command = ChargeCommand(tenant: tenant, id: id, content: content)
            let pending = Pending<ChargeCommand, ChargeAnswer>(command: command) { continuation.resume(returning: $0) }
            if !charges.append([pending]) { continuation.resume(returning: .failure(.overloaded)) }
        }.get()
    }

    package func newChargeID() throws -> ChargeID { ChargeID(stored: "chg_" + (try newToken())) }

    /// The cost of a charge by the price in force now. Changes nothing.
    package func estimateCharge(_ content: ChargeContent, for tenant: Tenant) async throws -> ChargeEstimate {
        let command = ChargeCommand(tenant: tenant, id: ChargeID(stored: ""), content: content)
        let clocks = clocks
        return try await read { reading in
            let now = try clocks.now(of: tenant, reading)
            let price = try ModelPrices.found(for: content.model, at: now, of: tenant, reading)
            let wallets = try Wallets.find(Set([command.user, command.project].compactMap(\.self)), reading)
            let project = command.project.flatMap { wallets[$0] }
            let charge = try command.charge(at: price, project: project)
            return ChargeEstimate(
                cost: charge.cost, available: Charge.available(project: project, user: wallets[command.user], at: now),
                currency: charge.prices.currency)
        }
    }
}

/// Billing errors: charges that nobody could pay.
extension ShopMeter {
    /// Marks a billing error as resolved, once for an idempotency key. An error that is resolved stays as it is.
    package func resolveBillingError(
        _ id: ChargeID, note: String?, of tenant: Tenant, once: IdempotentRequest<BillingError>?
    ) async throws -> IdempotentOutcome<BillingError> {
        let (now, key) = (try await now(of: tenant), ChargeKey(tenant: tenant, id: id))
        return try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    guard var error = try BillingErrors.find([key], transaction)[key] else {
                        throw ServiceError.notFound("There is no billing error \(id).")
                    }
                    guard error.resolution == nil else { return error }
                    error.resolve(.manual, note: note, at: now)
                    try BillingErrors.save([key: error], in: transaction)
                    try AuditTrail.note(.billingErrorResolve, id.rawValue, about: error.content.user, at: now, of: tenant, in: transaction)
                    return error
                }
            }
        }
    }
}
