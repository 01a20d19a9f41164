/// Something that happened of which a shop's endpoints are told.
package enum WebhookCause: Equatable, Sendable {
    /// An event made the use of an allowance reach a percentage of it.
    case alertCrossed(ThresholdAlert, RecordedEvent)
    /// An event took the last of what a user could use.
    case limitReached(RecordedEvent)
    case subscriptionCreated(Subscription)
    /// `before`: the plan before a change of plan.
    case subscriptionChanged(Subscription, before: PlanName)
    case subscriptionCanceled(Subscription)
    case periodClosed(UserID, ClosedPeriod)
    case invoiceIssued(Invoice)
    case invoicePaid(Invoice)
    case invoiceOverdue(Invoice)
    /// An amount was given back, after which so much was in all.
    case invoiceRefunded(Invoice, amount: Money)
    case paymentFailed(Subscription)
    case walletLow(Wallet)
    case topUpRequested(Wallet, TopUpTerms)
    case billingErrorCreated(BillingError)
    case eventVoided(EventVoid)
    case test(WebhookEndpointID)

    package var type: WebhookType {
        switch self {
        case .alertCrossed: .alertCrossed
        case .limitReached: .limitReached
        case .subscriptionCreated: .subscriptionCreated
        case .subscriptionChanged: .subscriptionChanged
        case .subscriptionCanceled: .subscriptionCanceled
        case .periodClosed: .periodClosed
        case .invoiceIssued: .invoiceIssued
        case .invoicePaid: .invoicePaid
        case .invoiceOverdue: .invoiceOverdue
        case .invoiceRefunded: .invoiceRefunded
        case .paymentFailed: .paymentFailed
        case .walletLow: .walletLow
        case .topUpRequested: .topUpRequested
        case .billingErrorCreated: .billingErrorCreated
        case .eventVoided: .eventVoided
        case .test: .test
        }
    }

    /// Whom it is about; what is about one user is told in order. Nil where it is about nobody.
    package var user: UserID? {
        switch self {
        case .alertCrossed(_, let event), .limitReached(let event): event.user
        case .subscriptionCreated(let subscription), .subscriptionChanged(let subscription, _), .subscriptionCanceled(let subscription),
            .paymentFailed(let subscription):
            subscription.user
        case .periodClosed(let user, _): user
        case .invoiceIssued(let invoice), .invoicePaid(let invoice), .invoiceOverdue(let invoice), .invoiceRefunded(let invoice, _):
            invoice.bill.user
        case .walletLow(let wallet), .topUpRequested(let wallet, _): wallet.owner.user ?? wallet.creator
        case .billingErrorCreated(let error): error.content.user
        case .eventVoided(let void): void.content.user
        case .test: nil
        }
    }
}

extension WebhookCause {
    /// What an event caused; mostly nothing. `available`: what can be used of its meter after it, nil when unlimited.
    package static func causes(of event: RecordedEvent, available: Quantity?) -> [WebhookCause] {
        var causes = event.settlement.alerts.map { WebhookCause.alertCrossed($0, event) }
        if let available, available <= 0, available + event.content.amount > 0 { causes.append(.limitReached(event)) }
        return causes
    }

    /// What a step of a subscription caused; `before` is nil for a new one. A new period alone is no change, as `period.closed` tells it. An invoice of
    /// ours that makes it past due is told as `invoice.overdue`, a payment that failed at Stripe as `payment.failed`.
    package static func causes(of after: Subscription, before: Subscription?) -> [WebhookCause] {
        guard let before else { return [.subscriptionCreated(after)] }
        guard before.isLive else { return [] }
        if !after.isLive { return [.subscriptionCanceled(after)] }
        var causes: [WebhookCause] = []
        let isByStripe = after.history.last?.actor == .stripe
        if after.status == .pastDue, before.status != .pastDue, isByStripe { causes.append(.paymentFailed(after)) }
        if !after.agreesLike(before) { causes.append(.subscriptionChanged(after, before: before.plan.name)) }
        return causes
    }

    /// What a step of an invoice caused.
    package static func causes(of after: Invoice, before: Invoice) -> [WebhookCause] {
        var causes: [WebhookCause] = []
        if after.status != before.status {
            switch after.status {
            case .paid: causes.append(.invoicePaid(after))
            case .overdue: causes.append(.invoiceOverdue(after))
            case .pending, .cancelled, .refunded: break
            }
        }
        if after.refunded > before.refunded || after.status == .refunded && before.status != .refunded {
            causes.append(.invoiceRefunded(after, amount: after.refunded - before.refunded))
        }
        return causes
    }

    /// What an invoice's issue caused: one whose total is 0 is paid at once.
    package static func causes(ofIssued invoice: Invoice) -> [WebhookCause] {
        [.invoiceIssued(invoice)] + (invoice.status == .paid ? [.invoicePaid(invoice)] : [])
    }

    /// What a change of an account caused, beside its events.
    package static func causes(of account: Account) -> [WebhookCause] {
        account.closed.map { .periodClosed(account.user, $0) }
    }
}

extension Subscription {
    /// Whether the user has the same agreement as before, whatever its periods have come to.
    fileprivate func agreesLike(_ before: Subscription) -> Bool {
        plan == before.plan && status == before.status && cycle == before.cycle && cancelAtPeriodEnd == before.cancelAtPeriodEnd
            && pending == before.pending && trialEnd == before.trialEnd
    }
}
