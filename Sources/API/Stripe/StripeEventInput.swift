import JSON
import Metering
import Web

extension StripeEvent {
    /// Reads an `Event` of Stripe's: what is needed of it and nothing else, as its other members change with the version of its API.
    /// Throws `invalid_request` when the event itself is not one; what it is about may be anything.
    init(_ body: JSON) throws(Problem) {
        guard let id = body["id"]?.string.flatMap(StripeEventID.init(rawValue:)) else { throw .invalid("id", "expected an event's id") }
        guard let type = body["type"]?.string, IdentifierText.isValid(type) else { throw .invalid("type", "expected an event's type") }
        guard let created = body["created"]?.integer, Self.times.contains(created) else {
            throw .invalid("created", "expected whole seconds since 1970")
        }
        let subject = body["data"]?["object"] ?? .null
        self.init(
            id: id, type: type, created: created, user: Self.user(of: subject), news: StripeUpdate(type, subject),
            payment: StripePayment(type, subject))
    }

    /// 1970 to 9999
    private static let times: ClosedRange<Int64> = 0...253_402_300_799

    /// An invoice tells the metadata of its subscription, in a place that newer versions of Stripe's API have moved.
    private static func user(of subject: JSON) -> UserID? {
        [subject, subject["subscription_details"], subject["parent"]?["subscription_details"]].lazy
            .compactMap { $0?["metadata"]?["user_id"]?.string.flatMap(UserID.init(rawValue:)) }.first
    }
}

extension StripeUpdate {
    /// Nil for a type of event that says nothing of a subscription.
    fileprivate init?(_ type: String, _ subject: JSON) {
        switch type {
        case "invoice.payment_failed": self.init(.invoiceFailed)
        case "invoice.payment_succeeded", "invoice.paid": self.init(.invoicePaid)
        case "customer.subscription.deleted": self.init(.canceled)
        case "customer.subscription.updated":
            self.init(
                subject["status"]?.string.flatMap(StripeSubscriptionState.init(status:)),
                cancelsAtPeriodEnd: subject["cancel_at_period_end"]?.bool)
        default: return nil
        }
    }
}

extension StripePayment {
    /// Nil for another type of event, and for an invoice that names none of ours or cannot be read.
    fileprivate init?(_ type: String, _ subject: JSON) {
        guard type == "invoice.payment_succeeded" || type == "invoice.paid",
            let number = subject["metadata"]?["invoice_number"]?.string.flatMap(InvoiceNumber.init(rawValue:)),
            let reference = subject["id"]?.string, IdentifierText.isValid(reference),
            let amount = subject["amount_paid"]?.integer, amount >= 0,
            let currency = subject["currency"]?.string.flatMap({ Currency($0.uppercased()) })
        else { return nil }
        self.init(reference: reference, number: number, amount: amount, currency: currency)
    }
}
