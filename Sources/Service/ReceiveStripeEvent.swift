package import Metering
internal import Store

/// What an event of Stripe's did.
package enum StripeReceipt: Equatable, Sendable {
    case new(StripeOutcome, reason: String?)
    /// It was received before, and did nothing now.
    case duplicate
}

extension ShopMeter {
    /// Does what a signed event says, once for its id: the event is stored with its effect.
    package func receive(_ event: StripeEvent, of tenant: Tenant) async throws -> StripeReceipt {
        guard let user = event.user else { return try await receiveOnce(event, of: tenant) }
        return try await turns.take(AccountKey(tenant: tenant, user: user)) { try await self.receiveOnce(event, of: tenant) }
    }

    private func receiveOnce(_ event: StripeEvent, of tenant: Tenant) async throws -> StripeReceipt {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await transaction { transaction in
                if try StripeEvents.contains(event.id, of: tenant, transaction) { return .duplicate }
                let effect = try self.effect(of: event, tenant, at: now, in: transaction)
                try StripeEvents.insert(
                    event, effect.outcome, reason: effect.reason, of: tenant, receivedAt: self.clock.now(), in: transaction)
                return .new(effect.outcome, reason: effect.reason)
            }
        }
    }

    private func effect(
        of event: StripeEvent, _ tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        guard event.isKnown else { return .ignored("events of this type change nothing") }
        guard let user = event.user else { return .ignored("no metadata names a user_id") }
        guard let news = event.news else { return .ignored("it says nothing of a subscription") }
        return try follow(news, created: event.created, user, tenant, at: now, in: transaction)
    }

    private func follow(
        _ news: StripeNews, created: Int64, _ user: UserID, _ tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        var open = try OpenLedger(of: user, tenant: tenant, settings: settings, at: now, transaction)
        guard var last = try open.ledger.subscription ?? Subscriptions.latest(user, of: tenant, transaction) else {
            return .ignored("the user has no subscription")
        }
        let floor = try Self.floor(for: last, tenant, transaction)
        guard last.isLive else { return StripeEffect(try last.follow(news, created: created, floor: floor, at: now), last) }
        var outcome = StripeOutcome.ignored
        try open.ledger.apply(free: open.free) { subscription throws(InvalidTransition) in
            outcome = try subscription.follow(news, created: created, floor: floor, at: now)
            last = subscription
        }
        try open.save(in: transaction)
        return StripeEffect(outcome, last)
    }

    /// An event from before the subscription was made is about one before it. A test shop's clock is not Stripe's: there it cannot be told.
    private static func floor(for subscription: Subscription, _ tenant: Tenant, _ reading: Reading) throws -> Int64? {
        let isTest = try shop(tenant.shop, reading).clock == .test
        return isTest ? nil : subscription.createdAt.milliseconds / 1_000
    }
}

/// What became of an event, and why nothing did.
private struct StripeEffect {
    let outcome: StripeOutcome
    let reason: String?

    static func ignored(_ reason: String) -> StripeEffect { StripeEffect(outcome: .ignored, reason: reason) }

    private init(outcome: StripeOutcome, reason: String?) {
        self.outcome = outcome
        self.reason = reason
    }

    init(_ outcome: StripeOutcome, _ subscription: Subscription) {
        self.outcome = outcome
        reason =
            switch outcome {
            case .applied: nil
            case .ignored: "a subscription that is \(subscription.status.rawValue) stays so"
            case .stale: "a later event was there before it"
            }
    }
}
