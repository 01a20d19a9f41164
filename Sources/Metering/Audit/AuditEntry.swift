package import Bytes

/// Who makes a change, and why.
package struct Author: Equatable, Sendable {
    package let actor: Actor
    /// In the words of whoever made it; nil where nothing was said.
    @Bytewise package private(set) var reason: String?

    package init(_ actor: Actor, reason: String? = nil) {
        self.actor = actor
        self.reason = reason
    }

    package static let system = Author(.system)
    package static let command = Author(.command)
    package static let stripe = Author(.stripe)
}

package struct AuditEntryID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The changes of money, plans, clocks and keys that the audit log names.
package enum AuditAction: String, CaseIterable, Sendable {
    case shopCreate = "shop.create"
    case shopUpdate = "shop.update"
    case clockMove = "clock.move"
    case keyCreate = "key.create"
    case keyRevoke = "key.revoke"
    case keyRotate = "key.rotate"
    case secretRotate = "jwt_secret.rotate"
    case stripeSecretSet = "stripe_secret.set"
    case planPut = "plan.put"
    case pricePut = "price.put"
    case subscriptionCreate = "subscription.create"
    case subscriptionUpgrade = "subscription.upgrade"
    case subscriptionDowngrade = "subscription.downgrade"
    case subscriptionRenew = "subscription.renew"
    case subscriptionChange = "subscription.change"
    case subscriptionCancel = "subscription.cancel"
    case subscriptionSuspend = "subscription.suspend"
    case subscriptionResume = "subscription.resume"
    case subscriptionReset = "subscription.reset"
    case subscriptionFollow = "subscription.follow"
    case purchase = "usage.purchase"
    case adjust = "usage.adjust"
    case creditGrant = "subscription.credit"
    case void = "event.void"
    case walletOpen = "wallet.open"
    case walletCredit = "wallet.credit"
    case quotaSet = "wallet.quota"
    case walletWatch = "wallet.watch"
    case chargeRefund = "charge.refund"
    case billingErrorResolve = "billing_error.resolve"
    case invoicePay = "invoice.pay"
    case invoiceCancel = "invoice.cancel"
    case invoiceRefund = "invoice.refund"
    case webhookCreate = "webhook.create"
    case webhookUpdate = "webhook.update"
    case webhookDelete = "webhook.delete"
    case webhookSecretRotate = "webhook_secret.rotate"
    case webhookDisable = "webhook.disable"
    case webhookResend = "webhook.resend"
}

/// One change that was made, by whom, when and why.
package struct AuditEntry: Equatable, Sendable {
    package let action: AuditAction
    package let author: Author
    /// The user whom it is about; nil for a change of the shop's.
    package let user: UserID?
    /// The id of the thing that was changed: a plan's name, an invoice's number, a key's id.
    package let target: String?
    package let at: Timestamp

    package init(_ action: AuditAction, by author: Author, user: UserID? = nil, target: String? = nil, at: Timestamp) {
        self.action = action
        self.author = author
        self.user = user
        self.target = target
        self.at = at
    }
}

/// An audit entry with the id under which it is stored.
package struct RecordedAuditEntry: Equatable, Sendable {
    package let id: AuditEntryID
    package let entry: AuditEntry

    package init(id: AuditEntryID, entry: AuditEntry) {
        self.id = id
        self.entry = entry
    }
}
