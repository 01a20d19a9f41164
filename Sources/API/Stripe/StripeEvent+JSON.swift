import JSON
import Metering
import Service
import Web

extension StripeEvent {
    /// Reads an `Event` of Stripe's: only the members that are needed, as others change with the version of Stripe's API.
    /// Throws `invalid_request` when `id`, `type` or `created` is not as Stripe writes it; `data.object` may be anything.
    init(_ body: JSON) throws(Problem) {
        guard let id = body["id"]?.string.flatMap(StripeEventID.init(rawValue:)) else { throw .invalid("id", "expected an event's id") }
        guard let type = body["type"]?.string, IdentifierForm.clientID.accepts(type) else {
            throw .invalid("type", "expected an event's type")
        }
        guard let created = body["created"]?.integer, Self.times.contains(created) else {
            throw .invalid("created", "expected whole seconds since 1970")
        }
        let subject = body["data"]?["object"] ?? .null
        self.init(
            id: id, type: type, created: created, user: Self.user(of: subject), update: StripeUpdate(type, subject),
            payment: StripePayment(type, subject))
    }

    /// In seconds: the years 1970 to 9999.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799

    /// The user whom the metadata names: those of the object itself, else, of an invoice, those of its subscription, which newer versions of
    /// Stripe's API have under `parent`.
    private static func user(of subject: JSON) -> UserID? {
        [subject, subject["subscription_details"], subject["parent"]?["subscription_details"]].lazy
            .compactMap { $0?["metadata"]?["user_id"]?.string.flatMap(UserID.init(rawValue:)) }.first
    }
}

extension StripeUpdate {
    /// Nil for a type of event that does not change a subscription.
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
    /// Nil for an event that is not an invoice's payment, and for an invoice whose metadata names no invoice of ours or that cannot be read.
    fileprivate init?(_ type: String, _ subject: JSON) {
        guard type == "invoice.payment_succeeded" || type == "invoice.paid",
            let number = subject["metadata"]?["invoice_number"]?.string.flatMap(InvoiceNumber.init(rawValue:)),
            let reference = subject["id"]?.string, IdentifierForm.clientID.accepts(reference),
            let amount = subject["amount_paid"]?.integer, amount >= 0,
            let currency = subject["currency"]?.string.flatMap({ Currency($0.uppercased()) })
        else { return nil }
        self.init(reference: reference, number: number, amount: amount, currency: currency)
    }
}

extension StripeReceipt {
    static let schema = Schema.answer([
        .required("received", .boolean),
        .optional("outcome", .enumeration(StripeOutcome.allCases.map(\.rawValue))),
        .optional("reason", .nullable(.string(1...500)), "Why not all of it did something."),
        .optional("duplicate", .boolean, "True when the event was received before."),
    ]).named("StripeReceipt")

    var json: JSON {
        switch self {
        case .duplicate: ["received": true, "duplicate": true]
        case .new(let outcome, let reason): ["received": true, "outcome": .string(outcome.rawValue), "reason": reason.json]
        }
    }
}
