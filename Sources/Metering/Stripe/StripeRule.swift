internal import Bytes

extension StripeSubscriptionState {
    /// The next step of a subscription towards this state of Stripe's (first column) from its status here (first row); nil when there is
    /// none to take. Stripe takes back only what it did itself: it does not resume what somebody else suspended (last column).
    ///
    ///                        trialing        active          past_due  suspended by Stripe  suspended
    ///     trialing           –               –               payment   resume               –
    ///     active             trial_end       –               payment   resume               –
    ///     past_due           payment_failed  payment_failed  –         resume               –
    ///     unpaid, paused     suspend         suspend         suspend   –                    –
    ///     canceled           cancel          cancel          cancel    cancel               cancel
    ///     invoice_paid       –               –               payment   –                    –
    ///     invoice_failed     –               payment_failed  –         –                    –
    ///
    /// A canceled subscription has no step. An invoice moves neither a trial nor a suspension: their end is told by Stripe's status.
    package func step(from status: SubscriptionStatus, suspendedByStripe: Bool = false) -> LifecycleEvent? {
        switch (self, status) {
        case (_, .canceled): nil
        case (.canceled, _): .cancel
        case (.active, .trialing): .trialEnd
        case (.pastDue, .trialing), (.pastDue, .active), (.invoiceFailed, .active): .paymentFailed
        case (.trialing, .pastDue), (.active, .pastDue), (.invoicePaid, .pastDue): .payment
        case (.unpaid, .trialing), (.unpaid, .active), (.unpaid, .pastDue): .suspend
        case (.paused, .trialing), (.paused, .active), (.paused, .pastDue): .suspend
        case (.trialing, .suspended), (.active, .suspended), (.pastDue, .suspended): suspendedByStripe ? .resume : nil
        default: nil
        }
    }
}

extension Subscription {
    /// Follows what an event says, unless a later event was followed before.
    ///
    /// In whichever order events arrive, the subscription ends as it would in the order in which they were made, provided that no two were
    /// made in the same second and that the last one is about the subscription itself, so that it says the status outright. For events that
    /// are all about invoices it holds too, from a subscription that is active or past due.
    ///
    /// - Parameters:
    ///   - created: when the event was made, in seconds since 1970.
    ///   - floor: events made before this second are stale until the first one was followed: they are about an earlier subscription of the
    ///     user's.
    package mutating func follow(
        _ update: StripeUpdate, created: Int64, floor: Int64? = nil, at now: Timestamp
    ) throws(InvalidTransition) -> StripeOutcome {
        let before = self
        var isStale = false
        if let state = update.state {
            isStale = created < stripe.state ?? floor ?? .min
            if !isStale { try follow(state, created: created, at: now) }
        }
        if let cancels = cancelsAtPeriodEnd(by: update), isLive {
            let isOld = created < stripe.cancellation ?? floor ?? .min
            isStale = isStale || isOld
            if !isOld { try follow(cancelsAtPeriodEnd: cancels, created: created, at: now) }
        }
        let hasMoved = (status, cancelAtPeriodEnd) != (before.status, before.cancelAtPeriodEnd)
        return hasMoved ? .applied : isStale ? .stale : .ignored
    }

    /// Whether the event makes the subscription end with its period. A date beyond the period's end does not: Stripe tells the end itself when it
    /// comes.
    private func cancelsAtPeriodEnd(by update: StripeUpdate) -> Bool? {
        guard let date = update.cancelAt, update.cancelsAtPeriodEnd != true else { return update.cancelsAtPeriodEnd }
        return date * 1_000 <= period.end.milliseconds + Self.stripeSlack ? true : nil
    }

    /// By how many milliseconds a period may end later at Stripe, whose days begin at another instant.
    private static let stripeSlack: Int64 = 86_400_000

    /// Takes every step towards the state: at most two.
    private mutating func follow(_ state: StripeSubscriptionState, created: Int64, at now: Timestamp) throws(InvalidTransition) {
        stripe.state = created
        while let step = state.step(from: status, suspendedByStripe: wasLastByStripe(.suspend)) {
            try take(step, because: state, at: now)
        }
    }

    private mutating func take(_ step: LifecycleEvent, because state: StripeSubscriptionState, at now: Timestamp)
        throws(InvalidTransition)
    {
        switch step {
        case .cancel: try cancel(.now, by: .stripe, at: now)
        case .suspend: try suspend(reason: state.rawValue, by: .stripe, at: now)
        default:
            status = try status.after(step)
            suspendReason = nil
            appendHistory(step.rawValue, by: .stripe, at: now)
        }
    }

    private mutating func follow(cancelsAtPeriodEnd: Bool, created: Int64, at now: Timestamp) throws(InvalidTransition) {
        stripe.cancellation = created
        if cancelsAtPeriodEnd, !cancelAtPeriodEnd { try cancel(.periodEnd, by: .stripe, at: now) }
        if !cancelsAtPeriodEnd, cancelAtPeriodEnd, wasLastByStripe(.cancel) {
            cancelAtPeriodEnd = false
            appendHistory(LifecycleEvent.resume.rawValue, by: .stripe, at: now)
        }
    }

    /// Whether the last step of that name in the history was Stripe's.
    private func wasLastByStripe(_ step: LifecycleEvent) -> Bool { history.last { $0.reason == step.rawValue }?.actor == .stripe }
}

/// Which subscription at Stripe a subscription follows.
extension Subscription {
    /// Lets the subscription follow the one that an event is about, or says why it does not: it follows the first that is named, and another one that
    /// lives and began later, as somebody who subscribes anew has. An older one's end is not its own.
    package mutating func adopt(_ reference: StripeReference?, says update: StripeUpdate?) -> String? {
        guard let reference else { return nil }
        guard let known = stripe.reference else {
            if update?.state != .canceled { stripe.reference = reference }
            return nil
        }
        if known.id == reference.id {
            if known.start == nil { stripe.reference = reference }
            return nil
        }
        if update?.state?.isEntitled == true, let start = reference.start, start > known.start ?? .max {
            stripe.reference = reference
            return nil
        }
        return "it is about \(reference.id), and the user's subscription is \(known.id)"
    }

    /// Whether an event names another price than the newest one did that named one.
    package func isNewPrice(_ price: String?, created: Int64) -> Bool {
        guard isLive, created >= stripe.plan ?? .min else { return false }
        return stripe.price.map { known in price.map { !known.hasSameBytes(as: $0) } ?? false } ?? true
    }
}
