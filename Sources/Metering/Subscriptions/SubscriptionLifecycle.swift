package enum SubscriptionStatus: String, CaseIterable, Hashable, Sendable {
    case trialing, active
    case pastDue = "past_due"
    case suspended, canceled

    /// Whether the plan's allowance counts; else the user falls back to the free plan.
    package var isEntitled: Bool { self == .trialing || self == .active || self == .pastDue }
}

/// The events in the life of a subscription.
package enum LifecycleEvent: String, CaseIterable, Sendable {
    case change, renew, reset, suspend, resume, cancel
    case trialEnd = "trial_end"
    case paymentFailed = "payment_failed"
    /// A payment that had failed was made.
    case payment
}

/// The lifecycle of subscriptions has no such step from this status.
package struct InvalidTransition: Error, Equatable, Sendable {
    package let from: SubscriptionStatus
    package let event: LifecycleEvent

    package init(from: SubscriptionStatus, event: LifecycleEvent) {
        self.from = from
        self.event = event
    }
}

extension SubscriptionStatus {
    /// The status after `event`; – is no step, and throws. A canceled subscription is over: nothing moves it. A suspended one can change
    /// its plan, and stays suspended; resumed before its trial's end, it is in the trial again.
    ///
    ///                  change     renew    reset     suspend    resume  cancel    trial_end  payment_failed  payment
    ///     trialing     trialing   active   –         suspended  –       canceled  active     past_due        –
    ///     active       active     active   active    suspended  –       canceled  –          past_due        –
    ///     past_due     past_due   active   past_due  suspended  –       canceled  –          –               active
    ///     suspended    suspended  –        –         –          active  canceled  –          –               –
    ///     canceled     –          –        –         –          –       –         –          –               –
    package func after(_ event: LifecycleEvent) throws(InvalidTransition) -> SubscriptionStatus {
        switch (self, event) {
        case (.trialing, .change), (.active, .change), (.pastDue, .change), (.suspended, .change): self
        case (.trialing, .renew), (.active, .renew), (.pastDue, .renew): .active
        case (.active, .reset), (.pastDue, .reset): self
        case (.trialing, .suspend), (.active, .suspend), (.pastDue, .suspend): .suspended
        case (.suspended, .resume): .active
        case (.trialing, .cancel), (.active, .cancel), (.pastDue, .cancel), (.suspended, .cancel): .canceled
        case (.trialing, .trialEnd), (.pastDue, .payment): .active
        case (.trialing, .paymentFailed), (.active, .paymentFailed): .pastDue
        default: throw InvalidTransition(from: self, event: event)
        }
    }
}
