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
        try await Author.$current.withValue(.stripe) {
            guard let user = event.user else { return try await receiveOnce(event, of: tenant) }
            return try await accountMutex.withLock(AccountKey(tenant: tenant, user: user)) { try await self.receiveOnce(event, of: tenant) }
        }
    }

    private func receiveOnce(_ event: StripeEvent, of tenant: Tenant) async throws -> StripeReceipt {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await issuingTransaction(of: tenant) { transaction in
                if try StripeEvents.contains(event.id, of: tenant, transaction) { return .duplicate }
                let (user, effect) = try self.effect(of: event, tenant, at: now, in: transaction)
                let received = ReceivedStripeEvent(
                    id: event.id, type: event.type, createdAt: Timestamp(milliseconds: event.created * 1_000), receivedAt: self.clock.now(),
                    user: user, subscription: event.reference?.id, outcome: effect.outcome, reason: effect.reason)
                try StripeEvents.insert(received, of: tenant, in: transaction)
                if effect.outcome == .applied {
                    let action: AuditAction =
                        switch event.refund?.bought {
                        case nil: .subscriptionFollow
                        case .purchase: .adjust
                        case .credit: .walletCredit
                        }
                    try AuditTrail.note(action, event.id.rawValue, about: user, at: now, of: tenant, in: transaction)
                }
                return .new(effect.outcome, reason: effect.reason)
            }
        }
    }

    /// What the event does, and whose it is.
    private func effect(
        of event: StripeEvent, _ tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> (user: UserID?, effect: StripeEffect) {
        let shop = try Self.shop(tenant.shop, transaction)
        if let reason = shop.refusal(of: event) { return (event.user, .ignored(reason)) }
        if let refund = event.refund { return try takeBack(refund, by: event.user, of: tenant, at: now, in: transaction) }
        let known = try note(event, tenant, in: transaction)
        let user = event.user ?? known?.user
        guard let update = event.update else { return (user, .ignored("events of this type change nothing")) }
        let paid = try event.payment.map { try pay($0, by: user, tenant, at: now, in: transaction) }
        let change = StripeChange(event: event, update: update, offer: event.offer?.completed(by: known?.offer) ?? known?.offer)
        let moved =
            try user.map { try follow(change, $0, shop, at: now, in: transaction) }
            ?? .ignored("no metadata names a user_id")
        return (user, paid.map { $0.with(moved) } ?? moved)
    }

    /// Keeps what the event says of a subscription at Stripe. Returns what was known before.
    private func note(
        _ event: StripeEvent, _ tenant: Tenant, in transaction: Transaction
    ) throws -> StripeSubscriptions.Known? {
        guard let id = event.reference?.id, event.update != nil else { return nil }
        let known = try StripeSubscriptions.find(id, of: tenant, transaction)
        let isNews = event.user.map { $0 != known?.user } ?? false || event.offer.map { $0 != known?.offer } ?? false
        if isNews { try StripeSubscriptions.note(id, user: event.user, event.offer, of: tenant, in: transaction) }
        return known
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
            let answer = try self.pay(invoice, reference: payment.reference, of: tenant, at: now, in: transaction)
            return answer.isDuplicate ? .ignored("the invoice was paid before") : .applied
        } catch ServiceError.invalidTransition(let sentence) {
            return .ignored(sentence)
        }
    }

    /// Lets the user's subscription follow the event, or begins one where the event sells a plan to a user who has none.
    private func follow(
        _ change: StripeChange, _ user: UserID, _ shop: Shop, at time: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        let tenant = shop.tenant
        var loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: time, movingInvoices: true, transaction)
        let now = loaded.now
        let last = try loaded.state.subscription ?? Subscriptions.latest(user, of: tenant, transaction)
        let catalog = change.offer == nil ? [] : try self.catalog(of: tenant, transaction)
        guard var last, last.isLive else {
            if let opening = change.opening(after: last, among: catalog) {
                return try open(opening, for: user, change, after: last, &loaded, in: transaction)
            }
            guard var last else { return .ignored("the user has no subscription") }
            if let reason = last.adopt(change.event.reference, says: change.update) { return .ignored(reason) }
            let floor = Self.floor(for: last, of: shop)
            return StripeEffect(try last.follow(change.update, created: change.event.created, floor: floor, at: now), last)
        }
        if let reason = last.adopt(change.event.reference, says: change.update) { return .ignored(reason) }
        let (floor, reference) = (Self.floor(for: last, of: shop), last.stripe.reference)
        var outcome = StripeOutcome.ignored
        try loaded.state.apply(at: now, free: loaded.terms.free) { subscription throws(InvalidTransition) in
            subscription.stripe.reference = reference
            outcome = try subscription.follow(change.update, created: change.event.created, floor: floor, at: now)
            last = subscription
        }
        let changed = try changePlan(change, last, among: catalog, &loaded)
        try loaded.save(in: transaction)
        return changed ?? StripeEffect(outcome, last)
    }

    /// Puts the user on the plan that Stripe sells now, when that is another one than it sold before. Nil when it is not.
    private func changePlan(
        _ change: StripeChange, _ subscription: Subscription, among catalog: [Plan], _ loaded: inout LoadedBillingState
    ) throws -> StripeEffect? {
        guard let offer = change.event.offer, change.update.state != .canceled,
            subscription.isNewPrice(offer.price, created: change.event.created)
        else { return nil }
        loaded.state.subscription?.stripe.price = offer.price
        loaded.state.subscription?.stripe.plan = change.event.created
        guard let plan = offer.plan(among: catalog) else { return nil }
        let cycle = offer.cycle ?? subscription.cycle
        guard plan.name != subscription.plan.name || cycle != subscription.cycle else { return nil }
        guard subscription.accepts(plan.currency) else {
            return .ignored("the plan \(plan.name) is in \(plan.currency.code), and the subscription is billed in another currency")
        }
        guard loaded.state.account.fits(plan) else { return .ignored("with the meters of \(plan.name) the user would have too many") }
        do {
            try loaded.state.change(to: plan, action: .change, cycle: cycle, by: .stripe, at: loaded.now, free: loaded.terms.free)
            return .applied
        } catch {
            return .ignored("a subscription that is \(error.from.rawValue) does not change its plan")
        }
    }

    private func open(
        _ opening: StripeOpening, for user: UserID, _ change: StripeChange, after former: Subscription?,
        _ loaded: inout LoadedBillingState, in transaction: Transaction
    ) throws -> StripeEffect {
        guard loaded.state.account.fits(opening.plan) else {
            return .ignored("with the meters of \(opening.plan.name) the user would have too many")
        }
        var plan = opening.plan
        plan.trialDays = change.update.state == .trialing ? opening.offer.trialDays(at: loaded.now) : 0
        var subscription = Subscription.created(
            id: Subscriptions.newID(), user: user, plan: plan, cycle: opening.offer.cycle ?? .monthly, by: .stripe, at: loaded.now)
        subscription.stripe.reference = change.event.reference
        subscription.stripe.state = change.event.created
        subscription.stripe.plan = change.event.created
        subscription.stripe.price = opening.offer.price
        loaded.start(subscription, after: former)
        try loaded.save(in: transaction)
        return .applied
    }

    /// The second, by Stripe's clock, before which an event is about an earlier subscription. Nil in a test shop, whose clock is not Stripe's.
    private static func floor(for subscription: Subscription, of shop: Shop) -> Int64? {
        shop.clock == .test || subscription.history.first?.actor == .stripe ? nil : subscription.createdAt.milliseconds / 1_000
    }
}

/// What an event did, and why a part of it did nothing.
struct StripeEffect {
    let outcome: StripeOutcome
    let reason: String?

    static func ignored(_ reason: String) -> StripeEffect { StripeEffect(outcome: .ignored, reason: reason) }

    static let applied = StripeEffect(outcome: .applied, reason: nil)

    /// The effect of an event with two parts, a payment and a change of the subscription.
    func with(_ other: StripeEffect) -> StripeEffect {
        let reasons = [reason, other.reason].compactMap(\.self).joined(separator: "; ")
        return StripeEffect(outcome: outcome == .applied ? .applied : other.outcome, reason: reasons.isEmpty ? nil : reasons)
    }

    init(outcome: StripeOutcome, reason: String?) {
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
