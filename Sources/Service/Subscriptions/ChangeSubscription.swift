package import Metering
internal import Store

/// A change of a subscription, with the subscription as it is then.
package struct SubscriptionChange: Sendable {
    package let view: SubscriptionView
    package let isCreated: Bool
    package let action: ChangeAction
    package let previousPlan: PlanName?
    package let effectiveAt: Timestamp
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
        return request.action == .create ? try await transaction(body) : try await issuingTransaction(of: tenant, body)
    }

    private func change(
        _ request: SubscriptionRequest, of tenant: Tenant, by actor: Actor, at now: Timestamp, in transaction: Transaction
    ) throws -> SubscriptionChange {
        let plan = try agreedPlan(request, of: tenant, transaction)
        var loaded = try LoadedBillingState(
            of: request.user, tenant: tenant, settings: settings, at: request.startsAt ?? now, transaction)
        guard loaded.state.account.fits(plan) else {
            throw ServiceError.invalid(
                field: "plan_name",
                expected: "with the plan's, the user would have more than \(Account.meterBound) meters, the most there may be")
        }
        let previous = loaded.state.subscription.flatMap { $0.isLive ? $0 : nil }
        let isCreated = previous == nil
        if let previous {
            try loaded.state.change(request, to: plan, from: previous, by: actor, at: loaded.now, free: loaded.free)
        } else {
            let former = try Subscriptions.latest(request.user, of: tenant, transaction)
            try Self.requireCreation(request, wasSubscribed: former != nil)
            var subscription = Subscription.created(
                id: Subscriptions.newID(), user: request.user, plan: plan, cycle: request.cycle ?? .monthly, by: actor, at: loaded.now)
            subscription.billedFrom = request.billedFrom
            loaded.start(subscription, after: former)
        }
        try loaded.save(in: transaction)
        let isPending = !isCreated && request.effective == .periodEnd
        return SubscriptionChange(
            view: try view(of: request.user, in: tenant, at: now, transaction), isCreated: isCreated,
            action: isCreated || request.action != .create ? request.action : .change, previousPlan: previous?.plan.name,
            effectiveAt: isPending ? loaded.state.account.period.end : loaded.now)
    }

    private func agreedPlan(_ request: SubscriptionRequest, of tenant: Tenant, _ reading: Reading) throws -> Plan {
        let currency = try Shops.find(tenant.shop, reading)?.currency ?? Currency(stored: "USD")
        do {
            return try request.agreedPlan(catalog: catalogPlan(request.planName, of: tenant, reading), shopCurrency: currency)
        } catch let error as MissingTerms {
            throw ServiceError.invalid(
                field: error.fields[0], expected: "required, as the catalog has no plan \(request.planName)")
        }
    }

    private static func requireCreation(_ request: SubscriptionRequest, wasSubscribed: Bool) throws {
        guard request.action != .create else { return }
        guard wasSubscribed else { throw ServiceError.notFound("The user \(request.user) has no subscription.") }
        throw ServiceError.invalidTransition("The subscription of \(request.user) is canceled; create a new one.")
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
                try apply(at: now, free: free) { subscription throws(InvalidTransition) in try subscription.schedule(pending) }
            }
        } catch {
            throw ServiceError(error)
        }
    }
}

extension ServiceError {
    init(_ error: InvalidTransition) {
        self = .invalidTransition("A subscription that is \(error.from.rawValue) has no \(error.event.rawValue).")
    }
}
