package import Metering
internal import Store

/// A change of a subscription that leaves its plan.
package enum SubscriptionStep: Equatable, Sendable {
    case cancel(Effective)
    case suspend(reason: String)
    case resume
    /// Closes the period now; in a trial only where it is to end.
    case reset(endingTrial: Bool = false)
}

extension ShopMeter {
    package func moveSubscription(
        of user: UserID, in tenant: Tenant, _ step: SubscriptionStep, by actor: Actor = .system
    ) async throws -> SubscriptionView {
        try await moveSubscription(of: user, in: tenant, step, by: actor, once: nil).result
    }

    /// Takes a step of a user's subscription, once for an idempotency key.
    package func moveSubscription(
        of user: UserID, in tenant: Tenant, _ step: SubscriptionStep, by actor: Actor = .system, once: IdempotentRequest<SubscriptionView>?
    ) async throws -> IdempotentOutcome<SubscriptionView> {
        try await accountMutex.withLock(AccountKey(tenant: tenant, user: user)) {
            let now = try await self.now(of: tenant)
            return try await self.retryingDuplicates {
                try await self.issuingTransaction(of: tenant) { transaction in
                    try once.run(of: tenant, in: transaction) {
                        try self.move(user, in: tenant, step, by: actor, at: now, in: transaction)
                    }
                }
            }
        }
    }

    private func move(
        _ user: UserID, in tenant: Tenant, _ step: SubscriptionStep, by actor: Actor, at now: Timestamp, in transaction: Transaction
    ) throws -> SubscriptionView {
        var loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: now, movingInvoices: true, transaction)
        guard loaded.state.subscription != nil else { throw try Self.refusal(of: step, user, in: tenant, transaction) }
        try loaded.state.move(step, by: actor, at: loaded.now, free: loaded.terms.free)
        try loaded.save(in: transaction)
        try AuditTrail.note(step.auditAction, about: user, at: loaded.now, of: tenant, in: transaction)
        return try view(of: user, in: tenant, at: now, transaction)
    }

    /// The error of a step of a user without a live subscription: `notFound` when there never was one, else `invalidTransition`.
    private static func refusal(
        of step: SubscriptionStep, _ user: UserID, in tenant: Tenant, _ reading: Reading
    ) throws -> ServiceError {
        guard try Subscriptions.latest(user, of: tenant, reading) != nil else {
            return .notFound("The user \(user) has no subscription.")
        }
        return .invalidTransition("The subscription of \(user) is canceled: it cannot be changed.")
    }
}

extension SubscriptionStep {
    fileprivate var auditAction: AuditAction {
        switch self {
        case .cancel: .subscriptionCancel
        case .suspend: .subscriptionSuspend
        case .resume: .subscriptionResume
        case .reset: .subscriptionReset
        }
    }
}

extension BillingState {
    fileprivate mutating func move(_ step: SubscriptionStep, by actor: Actor, at now: Timestamp, free: Plan) throws {
        do {
            switch step {
            case .reset(let endingTrial): try reset(endingTrial: endingTrial, by: actor, at: now, free: free)
            case .resume:
                try apply(at: now, free: free) { subscription throws(InvalidTransition) in
                    try subscription.resume(by: actor, at: now)
                }
            case .suspend(let reason):
                try apply(at: now, free: free) { subscription throws(InvalidTransition) in
                    try subscription.suspend(reason: reason, by: actor, at: now)
                }
            case .cancel(let effective):
                try apply(at: now, free: free) { subscription throws(InvalidTransition) in
                    try subscription.cancel(effective, by: actor, at: now)
                }
            }
        } catch {
            throw ServiceError(error)
        }
    }
}
