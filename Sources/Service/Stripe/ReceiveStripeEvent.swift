package import Metering
internal import Store

/// The effect of an event of Stripe's.
package enum StripeReceipt: Equatable, Sendable {
    case new(StripeOutcome, reason: String?)
    /// The event was received before, and did nothing now.
    case duplicate
}

extension ShopMeter {
    /// Does what a verified event says, once for its id, as the event is stored in the transaction of its effect.
    package func receiveStripeEvent(_ event: StripeEvent, of tenant: Tenant) async throws -> StripeReceipt {
        guard let user = event.user else { return try await receiveOnce(event, of: tenant) }
        return try await accountMutex.withLock(AccountKey(tenant: tenant, user: user)) { try await self.receiveOnce(event, of: tenant) }
    }

    private func receiveOnce(_ event: StripeEvent, of tenant: Tenant) async throws -> StripeReceipt {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await issuingTransaction(of: tenant) { transaction in
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
        guard let update = event.update else { return .ignored("events of this type change nothing") }
        let paid = try event.payment.map { try pay($0, by: event.user, tenant, at: now, in: transaction) }
        let moved =
            try event.user.map { try follow(update, created: event.created, $0, tenant, at: now, in: transaction) }
            ?? .ignored("no metadata names a user_id")
        return paid.map { $0.with(moved) } ?? moved
    }

    /// Notes that the invoice was paid whose number is in the metadata of Stripe's invoice, however late the event comes. Invoices are not matched
    /// by amount: Stripe bills in advance and we bill when a period is over, so that an equal amount would often be another period's.
    private func pay(
        _ payment: StripePayment, by user: UserID?, _ tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        guard let invoice = try Invoices.find(payment.number, of: tenant, transaction), user == nil || user == invoice.bill.user else {
            return .ignored("there is no such invoice of the user's")
        }
        guard payment.covers(invoice) else { return .ignored("what was paid is not the invoice's total") }
        do {
            let answer = try Self.pay(invoice, reference: payment.reference, of: tenant, at: now, in: transaction)
            return answer.isDuplicate ? .ignored("the invoice was paid before") : .applied
        } catch ServiceError.invalidTransition(let sentence) {
            return .ignored(sentence)
        }
    }

    private func follow(
        _ update: StripeUpdate, created: Int64, _ user: UserID, _ tenant: Tenant, at time: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        var loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: time, transaction)
        let now = loaded.now
        guard var last = try loaded.state.subscription ?? Subscriptions.latest(user, of: tenant, transaction) else {
            return .ignored("the user has no subscription")
        }
        let floor = try Self.floor(for: last, tenant, transaction)
        guard last.isLive else { return StripeEffect(try last.follow(update, created: created, floor: floor, at: now), last) }
        var outcome = StripeOutcome.ignored
        try loaded.state.apply(at: now, free: loaded.free) { subscription throws(InvalidTransition) in
            outcome = try subscription.follow(update, created: created, floor: floor, at: now)
            last = subscription
        }
        try loaded.save(in: transaction)
        return StripeEffect(outcome, last)
    }

    /// The second, by Stripe's clock, before which an event is about an earlier subscription. Nil in a test shop, whose clock is not Stripe's.
    private static func floor(for subscription: Subscription, _ tenant: Tenant, _ reading: Reading) throws -> Int64? {
        let isTest = try shop(tenant.shop, reading).clock == .test
        return isTest ? nil : subscription.createdAt.milliseconds / 1_000
    }
}

/// What an event did, and why a part of it did nothing.
private struct StripeEffect {
    let outcome: StripeOutcome
    let reason: String?

    static func ignored(_ reason: String) -> StripeEffect { StripeEffect(outcome: .ignored, reason: reason) }

    static let applied = StripeEffect(outcome: .applied, reason: nil)

    /// The effect of an event with two parts, a payment and a change of the subscription.
    func with(_ other: StripeEffect) -> StripeEffect {
        let reasons = [reason, other.reason].compactMap(\.self).joined(separator: "; ")
        return StripeEffect(outcome: outcome == .applied ? .applied : other.outcome, reason: reasons.isEmpty ? nil : reasons)
    }

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
