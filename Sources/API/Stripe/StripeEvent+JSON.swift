import JSON
import Metering
import Service
import Web

extension StripeEvent {
    /// The members that are read; an event has more.
    static let schema = Schema.answer([
        .required("id", .clientID), .required("type", .identifier),
        .required("created", .any, "Whole seconds since 1970; a time, in a thin event."),
        .optional("livemode", .nullable(.boolean), "Whether it is of Stripe's live mode, which has to be the shop's."),
        .optional("data", .nullable(.answer([.optional("object", .any, "The subscription, invoice, checkout session or charge.")]))),
    ]).named("StripeWebhookEvent").sampled([
        "id": "evt_1QabcdefGHIJKLmn", "type": "invoice.payment_failed", "created": 1_795_132_800, "livemode": true,
        "data": ["object": ["id": "in_1", "object": "invoice", "subscription": "sub_1", "metadata": ["user_id": "ada"]]],
    ])

    /// Reads an `Event` of Stripe's: only the members that are needed, as others change with the version of Stripe's API.
    /// Throws `invalid_request` when `id`, `type` or `created` is not as Stripe writes it; `data.object` may be anything.
    init(_ body: JSON) throws(Problem) {
        guard let id = body["id"]?.string.flatMap(StripeEventID.init(rawValue:)) else { throw .invalid("id", "expected an event's id") }
        guard let type = body["type"]?.string, IdentifierForm.name.accepts(type) else { throw .invalid("type", "expected an event's type") }
        guard let created = body["created"].flatMap(Self.seconds) else {
            throw .invalid("created", "expected whole seconds since 1970, or a time")
        }
        let subject = body["data"]?["object"] ?? .null
        self.init(
            id: id, type: type, created: created, isLive: body["livemode"]?.bool, user: StripeSubject.user(of: subject),
            reference: StripeSubject.reference(of: subject, type, made: created), update: StripeUpdate(type, subject),
            payment: StripePayment(type, subject), offer: StripeOffer(type, subject), refund: StripeRefund(type, subject))
    }

    /// The years 1970 to 9999. A thin event (`v2.core.event`) has a time in words.
    fileprivate static func seconds(_ value: JSON) -> Int64? {
        if let text = value.string { return Timestamp(rfc3339: text).map { $0.milliseconds / 1_000 } }
        return value.integer.flatMap { (0...253_402_300_799).contains($0) ? $0 : nil }
    }
}

/// Where the object of an event has what is needed, in all versions of Stripe's API.
private enum StripeSubject {
    /// The user whom the metadata names: those of the object itself; else, of an invoice, those of its subscription, which newer versions have under
    /// `parent`; else those of its lines or of the subscription's items, when they name one user; else a checkout's `client_reference_id`.
    static func user(of subject: JSON) -> UserID? {
        let own = [subject, subject["subscription_details"], subject["parent"]?["subscription_details"]].compactMap { name($0) }
        if let user = own.first { return user }
        let parts = (subject["lines"]?["data"]?.array ?? []) + (subject["items"]?["data"]?.array ?? [])
        let named = Set(parts.compactMap { name($0) })
        if named.count == 1 { return named.first }
        return named.isEmpty ? subject["client_reference_id"]?.string.flatMap(UserID.init(rawValue:)) : nil
    }

    private static func name(_ value: JSON?) -> UserID? { value?["metadata"]?["user_id"]?.string.flatMap(UserID.init(rawValue:)) }

    /// The subscription: the object itself, or what the invoice or the checkout names, which newer versions have under `parent`.
    static func reference(of subject: JSON, _ type: String, made created: Int64) -> StripeReference? {
        if type.hasPrefix("customer.subscription.") {
            let start = subject["created"]?.integer ?? subject["start_date"]?.integer
            return id(subject).map { StripeReference(id: $0, start: start ?? (type.hasSuffix(".created") ? created : nil)) }
        }
        let lines = subject["lines"]?["data"]?.array ?? []
        let places =
            [subject["subscription"], subject["parent"]?["subscription_details"]?["subscription"]]
            + lines.map { $0["subscription"] } + lines.map { $0["parent"]?["subscription_item_details"]?["subscription"] }
        let found = places.lazy.compactMap { id($0) }.first
        return found.map { StripeReference(id: $0, start: type == "checkout.session.completed" ? created : nil) }
    }

    /// An id, or that of an object that stands in its place.
    private static func id(_ value: JSON?) -> StripeSubscriptionID? {
        (value?.string ?? value?["id"]?.string).flatMap(StripeSubscriptionID.init(rawValue:))
    }
}

extension StripeUpdate {
    /// Nil for a type of event that does not change a subscription.
    fileprivate init?(_ type: String, _ subject: JSON) {
        switch type {
        case "invoice.payment_failed": self.init(.invoiceFailed)
        case "invoice.payment_succeeded", "invoice.paid": self.init(.invoicePaid)
        case "customer.subscription.deleted": self.init(.canceled)
        case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.paused",
            "customer.subscription.resumed":
            self.init(Self.state(subject), cancelsAtPeriodEnd: Self.cancels(subject), cancelAt: Self.cancelAt(subject))
        case "checkout.session.completed" where subject["mode"]?.string == "subscription":
            let isPaid = ["paid", "no_payment_required"].contains(subject["payment_status"]?.string)
            self.init(isPaid ? .active : nil)
        default: return nil
        }
    }

    /// A collection that is paused by voiding its invoices stops the service; the two other ways to pause it, which are free of charge for the
    /// customer, do not.
    private static func state(_ subject: JSON) -> StripeSubscriptionState? {
        let state = subject["status"]?.string.flatMap(StripeSubscriptionState.init(status:))
        let isStopped = subject["pause_collection"]?["behavior"]?.string == "void"
        return isStopped && state?.isEntitled == true ? .paused : state
    }

    /// A date in `cancel_at` alone is a cancellation too; without one, the flag says it.
    private static func cancels(_ subject: JSON) -> Bool? {
        let flag = subject["cancel_at_period_end"]?.bool
        return flag == false && cancelAt(subject) != nil ? nil : flag
    }

    private static func cancelAt(_ subject: JSON) -> Int64? { subject["cancel_at"].flatMap(StripeEvent.seconds) }
}

extension StripePayment {
    /// Nil for an event that is not an invoice's payment, and for an invoice whose metadata names no invoice of ours or that cannot be read.
    fileprivate init?(_ type: String, _ subject: JSON) {
        guard type == "invoice.payment_succeeded" || type == "invoice.paid",
            let number = subject["metadata"]?["invoice_number"]?.string.flatMap(InvoiceNumber.init(rawValue:)),
            let reference = subject["id"]?.string, IdentifierForm.clientID.accepts(reference),
            let amount = Self.settled(subject), amount >= 0,
            let currency = subject["currency"]?.string.flatMap({ Currency($0.uppercased()) })
        else { return nil }
        self.init(reference: reference, number: number, amount: amount, currency: currency)
    }

    /// Of a paid invoice all of it is settled, whether by a card, from the customer's balance or elsewhere.
    private static func settled(_ subject: JSON) -> Int64? {
        guard let paid = subject["amount_paid"]?.integer else { return nil }
        let isPaid = subject["status"]?.string == "paid" || subject["paid"]?.bool == true
        return isPaid ? max(paid, subject["total"]?.integer ?? 0) : paid
    }
}

extension StripeRefund {
    /// Nil for an event that is not a charge's refund, and for a charge whose metadata name nothing that was bought here.
    fileprivate init?(_ type: String, _ subject: JSON) {
        guard type == "charge.refunded", let charge = subject["id"]?.string, IdentifierForm.clientID.accepts(charge),
            let bought = Self.bought(subject["metadata"]), let paid = (subject["amount_captured"] ?? subject["amount"])?.integer,
            let refunded = subject["amount_refunded"]?.integer
        else { return nil }
        self.init(of: charge, for: bought, paid: paid, refunded: refunded)
    }

    private static func bought(_ metadata: JSON?) -> Bought? {
        let purchase = metadata?["purchase_id"]?.string.flatMap(PurchaseID.init(rawValue:)).map(Bought.purchase)
        return purchase ?? metadata?["credit_id"]?.string.flatMap(CreditID.init(rawValue:)).map(Bought.credit)
    }
}

extension StripeOffer {
    /// Nil for an event that does not say what is sold, and for a subscription of several prices, which is no plan.
    fileprivate init?(_ type: String, _ subject: JSON) {
        if type == "checkout.session.completed" {
            self.init(planName: Self.planName(subject))
            return
        }
        guard type.hasPrefix("customer.subscription.") else { return nil }
        let items = subject["items"]?["data"]?.array ?? []
        guard items.count <= 1, let price = items.first.flatMap({ $0["price"] ?? $0["plan"] }) ?? subject["plan"] else { return nil }
        self.init(
            price: price["id"]?.string, lookupKey: price["lookup_key"]?.string, planName: Self.planName(price),
            cycle: Self.cycle(price["recurring"] ?? price), trialEnd: subject["trial_end"].flatMap(StripeEvent.seconds))
    }

    private static func planName(_ value: JSON) -> PlanName? { value["metadata"]?["plan_name"]?.string.flatMap(PlanName.init(rawValue:)) }

    private static func cycle(_ recurring: JSON) -> BillingCycle? {
        let count = recurring["interval_count"]?.integer ?? 1
        return switch recurring["interval"]?.string {
        case "month" where count == 1: BillingCycle("monthly")
        case "month" where count == 12: BillingCycle("yearly")
        case "year" where count == 1: BillingCycle("yearly")
        case "week" where (1...52).contains(count): BillingCycle("days:\(7 * count)")
        case "day" where (1...366).contains(count): BillingCycle("days:\(count)")
        default: nil
        }
    }
}

extension StripeReceipt {
    static let schema = Schema.answer([
        .required("received", .boolean),
        .optional("outcome", .choice(of: StripeOutcome.self, named: "StripeOutcome")),
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

extension ReceivedStripeEvent {
    static let schema = Schema.answer([
        .required("event_id", .clientID), .required("type", .string(1...128)), .required("created_at", .time, "By Stripe."),
        .required("received_at", .time), .required("user_id", .nullable(.clientID)),
        .required("subscription_id", .nullable(.clientID), "Stripe's."),
        .required("outcome", .choice(of: StripeOutcome.self, named: "StripeOutcome")),
        .required("reason", .nullable(.string(1...500)), "Why not all of it did something."),
    ]).named("StripeEvent")

    var json: JSON {
        [
            "event_id": id.json, "type": type.json, "created_at": createdAt.json, "received_at": receivedAt.json, "user_id": user.json,
            "subscription_id": subscription.json, "outcome": .string(outcome.rawValue), "reason": reason.json,
        ]
    }
}
