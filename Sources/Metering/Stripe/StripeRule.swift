extension StripeSubscriptionState {
    /// The next step of a subscription towards this standing, nil when there is none to take. Stripe takes back what it did itself: it does
    /// not resume what somebody else suspended (last column).
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
    /// A canceled subscription has no step. One invoice says little of a trial or a suspension: their end is told by the status.
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
    /// Follows what an event says, unless a later one was there before it. However the events of a story arrive, the subscription ends as it
    /// would in their order, provided that no two are of the same second and that the last one is a subscription's own event, which tells
    /// its status outright; events of invoices among themselves do so too, from a subscription that is active or past due.
    ///
    /// - Parameters:
    ///   - created: when the event was made, in seconds since 1970.
    ///   - floor: what was made before it is about an earlier subscription of the user's.
    package mutating func follow(
        _ news: StripeUpdate, created: Int64, floor: Int64? = nil, at now: Timestamp
    ) throws(InvalidTransition) -> StripeOutcome {
        let before = self
        var isStale = false
        if let standing = news.standing {
            isStale = created < stripe.standing ?? floor ?? .min
            if !isStale { try follow(standing, created: created, at: now) }
        }
        if let cancels = news.cancelsAtPeriodEnd, isLive {
            let isOld = created < stripe.cancellation ?? floor ?? .min
            isStale = isStale || isOld
            if !isOld { try follow(cancelsAtPeriodEnd: cancels, created: created, at: now) }
        }
        let hasMoved = (status, cancelAtPeriodEnd) != (before.status, before.cancelAtPeriodEnd)
        return hasMoved ? .applied : isStale ? .stale : .ignored
    }

    /// Each step leads on, and no standing takes more than two.
    private mutating func follow(_ standing: StripeSubscriptionState, created: Int64, at now: Timestamp) throws(InvalidTransition) {
        stripe.standing = created
        while let step = standing.step(from: status, suspendedByStripe: wasStripe(that: .suspend)) {
            try take(step, because: standing, at: now)
        }
    }

    private mutating func take(_ step: LifecycleEvent, because standing: StripeSubscriptionState, at now: Timestamp)
        throws(InvalidTransition)
    {
        switch step {
        case .cancel: try cancel(.now, by: .stripe, at: now)
        case .suspend: try suspend(reason: standing.rawValue, by: .stripe, at: now)
        default:
            status = try status.after(step)
            suspendReason = nil
            appendHistory(step.rawValue, by: .stripe, at: now)
        }
    }

    private mutating func follow(cancelsAtPeriodEnd: Bool, created: Int64, at now: Timestamp) throws(InvalidTransition) {
        stripe.cancellation = created
        if cancelsAtPeriodEnd, !cancelAtPeriodEnd { try cancel(.periodEnd, by: .stripe, at: now) }
        if !cancelsAtPeriodEnd, cancelAtPeriodEnd, wasStripe(that: .cancel) {
            cancelAtPeriodEnd = false
            appendHistory(LifecycleEvent.resume.rawValue, by: .stripe, at: now)
        }
    }

    /// Whether the last such step was Stripe's.
    private func wasStripe(that step: LifecycleEvent) -> Bool { history.last { $0.reason == step.rawValue }?.actor == .stripe }
}
