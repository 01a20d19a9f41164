/// How a subscription follows its own invoices:
///
///     status      one of its invoices is overdue   none is
///     active      past_due                         active
///     past_due    past_due                         active, unless a payment failed at Stripe, which says when it was made
///
/// In a trial it owes nothing, and a suspension or a cancellation is left to who made it. A subscription that is past due is entitled as an active one.
extension Subscription {
    /// `isOverdue`: whether one of its invoices is. Returns whether the status changed.
    @discardableResult
    package mutating func followInvoices(isOverdue: Bool, at now: Timestamp) -> Bool {
        let step: LifecycleEvent
        switch (status, isOverdue) {
        case (.active, true): step = .paymentFailed
        case (.pastDue, false) where failedHere: step = .payment
        default: return false
        }
        guard let after = try? status.after(step) else { return false }
        status = after
        appendHistory(step.rawValue, by: .system, at: now)
        return true
    }

    /// Whether it is past due because of an invoice of ours.
    private var failedHere: Bool { history.last { $0.reason == LifecycleEvent.paymentFailed.rawValue }?.actor == .system }
}

extension BillingState {
    /// Lets the subscription follow the invoices that the steps before have paid, lowered or cancelled, and, where it comes back from a suspension,
    /// those that fell due meanwhile. The user's open invoices must be there.
    mutating func followInvoices(at now: Timestamp, after before: SubscriptionStatus? = nil) {
        let isLess = outcomes.contains { $0.moved.map { $0.before.status == .overdue && !$0.after.isOpen } ?? false }
        guard isLess || before == .suspended, let id = subscription?.id else { return }
        subscription?.followInvoices(isOverdue: invoices.contains { $0.status == .overdue && $0.bill.subscription == id }, at: now)
    }
}
