package import Metering
internal import Store

/// A change of a subscription, with the subscription as it is then.
package struct SubscriptionChange: Sendable {
    package let view: SubscriptionView
    package let isCreated: Bool
    package let action: ChangeAction
}

extension ShopMeter {
    /// Creates or changes a user's subscription.
    package func changeSubscription(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor = .system
    ) async throws -> SubscriptionChange {
        try await changeSubscription(request, of: tenant, by: actor, once: nil).result
    }

    /// Creates or changes a user's subscription, once for an idempotency key.
    package func changeSubscription(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor = .system, once: IdempotentRequest<SubscriptionChange>?
    ) async throws -> IdempotentOutcome<SubscriptionChange> {
        let user = AccountKey(tenant: tenant, user: request.user)
        return try await accountMutex.withLock(user) {
            try await self.retryingDuplicates { try await self.tryToChange(request, of: tenant, by: actor, once: once) }
        }
    }

    private func tryToChange(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor, once: IdempotentRequest<SubscriptionChange>?
    ) async throws -> IdempotentOutcome<SubscriptionChange> {
        let now = try await now(of: tenant)
        let body: @Sendable (Transaction) throws -> IdempotentOutcome<SubscriptionChange> = { transaction in
            try once.run(of: tenant, in: transaction) {
                try self.change(request, of: tenant, by: actor, at: now, in: transaction)
            }
        }
        return try await issuingTransaction(of: tenant, body)
    }

    func change(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor, at now: Timestamp, in transaction: Transaction
    ) throws -> SubscriptionChange {
        var plan = try agreedPlan(request, of: tenant, transaction)
        var loaded = try LoadedBillingState(
            of: request.user, tenant: tenant, settings: settings, at: request.startsAt ?? now, movingInvoices: true, transaction)
        guard loaded.state.account.fits(plan) else {
            throw ServiceError.invalid(
                field: "plan_name",
                expected: "with the plan's, the user would have more than \(Account.meterBound) meters, the most there may be")
        }
        let previous = loaded.state.subscription.flatMap { $0.isLive ? $0 : nil }
        let isCreated = previous == nil
        try request.checkFields(isCreation: isCreated)
        guard plan.isActive || previous?.plan.name == plan.name else {
            throw ServiceError.conflict("The plan \(plan.name) is not sold any more (is_active is false).")
        }
        if let previous {
            try loaded.state.change(request, to: plan, from: previous, by: actor, at: loaded.now, free: loaded.terms.free)
        } else {
            let former = try Subscriptions.latest(request.user, of: tenant, transaction)
            if plan.trialDays > 0 {
                let trials = try Subscriptions.trials(of: request.user, in: tenant, transaction)
                if !loaded.terms.rules.trials.allows(plan.name, after: trials) { plan.trialDays = 0 }
            }
            var subscription = Subscription.created(
                id: Subscriptions.newID(), user: request.user, plan: plan, cycle: request.cycle ?? .monthly, by: actor, at: loaded.now)
            subscription.billedFrom = request.billedFrom
            loaded.start(subscription, after: former)
        }
        try loaded.save(in: transaction)
        let action = isCreated ? ChangeAction.create : request.action == .create ? .change : request.action
        try AuditTrail.note(action.auditAction, plan.name.rawValue, about: request.user, at: loaded.now, of: tenant, in: transaction)
        return SubscriptionChange(
            view: try view(of: request.user, in: tenant, at: now, transaction), isCreated: isCreated, action: action)
    }

    private func agreedPlan(_ request: SubscriptionRequest, of tenant: Tenant, _ reading: Reading) throws -> Plan {
        let currency = try Shops.find(tenant.shop, reading)?.currency ?? Currency(stored: "USD")
        do {
            return try request.agreedPlan(catalog: catalogPlan(request.planName, of: tenant, reading), shopCurrency: currency)
        } catch let error as MissingTerms {
            throw ServiceError.invalid(
                field: error.fields[0], expected: "required, as the catalog has no plan \(request.planName)")
        } catch let error as OtherCurrency {
            throw ServiceError.invalid(
                field: "currency", expected: "expected \(error.expected.code), in which the plan \(request.planName) has its prices")
        }
    }

}

extension BillingState {
    fileprivate mutating func change(
        _ request: SubscriptionRequest, to plan: Plan, from current: Subscription, by actor: Actor, at now: Timestamp, free: Plan
    ) throws {
        guard current.accepts(plan.currency) else {
            throw ServiceError.invalid(
                field: "currency", expected: "expected \(current.plan.currency.code), in which the subscription is billed")
        }
        let action = request.action == .create ? .change : request.action
        let cycle = request.cycle ?? current.cycle
        do {
            switch request.effective {
            case .now: try change(to: plan, action: action, cycle: cycle, by: actor, at: now, free: free)
            case .periodEnd:
                let pending = PendingChange(action: action, plan: plan, cycle: cycle, by: actor)
                try apply(at: now, free: free) { subscription throws(InvalidTransition) in
                    try subscription.schedule(pending, at: now)
                }
            }
        } catch {
            throw ServiceError(error)
        }
    }
}

extension ChangeAction {
    fileprivate var auditAction: AuditAction {
        switch self {
        case .create: .subscriptionCreate
        case .upgrade: .subscriptionUpgrade
        case .downgrade: .subscriptionDowngrade
        case .renew: .subscriptionRenew
        case .change: .subscriptionChange
        }
    }
}

extension SubscriptionRequest {
    /// Refuses what would not count: a trial of a subscription that is there, a later start of one that is not.
    fileprivate func checkFields(isCreation: Bool) throws {
        if isCreation, effective == .periodEnd {
            throw ServiceError.invalid(
                field: "effective", expected: "expected now, or nothing: the user has no subscription, and it begins now")
        }
        if !isCreation, let trialDays, trialDays > 0 {
            throw ServiceError.invalid(field: "trial_days", expected: "not allowed: the user has a subscription, and a change has no trial")
        }
    }
}

extension ServiceError {
    init(_ error: InvalidTransition) {
        self = .invalidTransition("A subscription that is \(error.from.rawValue) has no \(error.event.rawValue).")
    }
}
