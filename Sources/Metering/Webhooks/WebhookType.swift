/// What a shop can be told of.
package enum WebhookType: String, CaseIterable, Hashable, Sendable {
    case alertCrossed = "alert.crossed"
    case limitReached = "limit.reached"
    case subscriptionCreated = "subscription.created"
    case subscriptionChanged = "subscription.changed"
    case subscriptionCanceled = "subscription.canceled"
    case periodClosed = "period.closed"
    case invoiceIssued = "invoice.issued"
    case invoicePaid = "invoice.paid"
    case invoiceOverdue = "invoice.overdue"
    case invoiceRefunded = "invoice.refunded"
    case paymentFailed = "payment.failed"
    case walletLow = "wallet.low"
    case topUpRequested = "topup.requested"
    case billingErrorCreated = "billing_error.created"
    case eventVoided = "event.voided"
    /// Sent when somebody asks for it, to endpoints that did not ask for it too.
    case test = "endpoint.test"

    /// The types that an endpoint may ask for.
    package static let subscribable = allCases.filter { $0 != .test }
}
