internal import BSON
internal import Metering

extension Subscription {
    init(_ document: Document) throws {
        self.init(
            id: SubscriptionID(stored: try document.objectID("_id").description), user: try document.id("user_id"),
            plan: try Plan(fields: document), status: try document.value("status"), cycle: try document.cycle("billing_cycle"),
            anchor: try document.time("anchor"),
            period: Period(start: try document.time("current_period_start"), end: try document.time("current_period_end")),
            trialEnd: try document.optionalTime("trial_end"), cancelAtPeriodEnd: try document.bool("cancel_at_period_end"),
            canceledAt: try document.optionalTime("canceled_at"), suspendReason: try document.optionalString("suspend_reason"),
            pending: try document.optionalDocument("pending_change").map { try PendingChange($0) },
            history: try document.documents("plan_history").map { try PlanHistoryEntry($0) },
            periodTerms: try document.optionalDocument("billing").map { try PeriodTerms($0) },
            parked: try document.optionalDocument("parked_use").map { try ParkedUse($0) }, credit: try document.credit(),
            trialPlan: try document.optionalString("trial_plan").map(PlanName.init(stored:)), createdAt: try document.time("created_at"))
        tally = try document.optionalDocument("tally").map { try PeriodTally($0) } ?? .ofStoredBefore(self)
        stripe = try StripeWatermarks(document)
        billedFrom = try document.optionalTime("billed_from")
    }

    func document(of tenant: Tenant) throws -> Document {
        var document: Document = [
            "_id": try id.value(of: "_id"), "shop_id": .id(tenant.shop), "user_id": .id(user), "live": .bool(isLive),
            "status": .string(status.rawValue), "billing_cycle": .string(cycle.text), "anchor": .time(anchor),
            "current_period_start": .time(period.start), "current_period_end": .time(period.end), "trial_end": .time(trialEnd),
            "cancel_at_period_end": .bool(cancelAtPeriodEnd), "canceled_at": .time(canceledAt), "suspend_reason": .text(suspendReason),
            "pending_change": try pending.map { .document(try $0.document) } ?? .null,
            "plan_history": .array(try history.map { .document(try $0.document) }),
            "billing": try periodTerms.map { .document(try $0.document) } ?? .null, "credit_balance": try .money(creditBalance),
            "tally": .document(try tally.document), "parked_use": parked.map { .document($0.document) } ?? .null,
            "trial_plan": .text(trialPlan?.rawValue),
            "other_credit": .array(
                try credit.filter { $0.key != plan.currency }.sorted { $0.key.code < $1.key.code }.map {
                    .document(["currency": .string($0.key.code), "amount": try .money($0.value)])
                }),
            "billed_from": .time(billedFrom), "created_at": .time(createdAt),
        ]
        for (key, value) in try plan.fields() { document[key] = value }
        document["stripe_event_at"] = .long(stripe.state)
        document["stripe_cancellation_at"] = .long(stripe.cancellation)
        document["stripe"] = [
            "subscription_id": .text(stripe.reference?.id.rawValue), "started_at": .long(stripe.reference?.start),
            "plan_at": .long(stripe.plan),
            "price": .text(stripe.price),
        ]
        return document
    }
}

extension PeriodTally {
    /// Of a subscription from before there was a tally: each change had settled the rest of the period at once, as if the present terms had been
    /// there from the start.
    fileprivate static func ofStoredBefore(_ subscription: Subscription) -> PeriodTally {
        var tally = PeriodTally(since: subscription.period.start)
        if let terms = subscription.periodTerms { tally.billed = terms.current.fee - terms.opening.fee }
        return tally
    }

    fileprivate init(_ document: Document) throws {
        self.init(since: try document.time("since"))
        settled = try document.money("settled")
        time = try document.money("time")
        use = try document.money("use")
        billed = try document.money("billed")
        earned = try document.quantities("earned")
        used = try document.quantities("used")
        debt = try document.quantities("debt")
    }

    fileprivate var document: Document {
        get throws {
            [
                "since": .time(since), "settled": try .money(settled), "time": try .money(time), "use": try .money(use),
                "billed": try .money(billed), "earned": .quantities(earned), "used": .quantities(used), "debt": .quantities(debt),
            ]
        }
    }
}

extension ParkedUse {
    fileprivate init(_ document: Document) throws {
        self.init(until: try document.time("until"), used: try document.quantities("used"))
    }

    fileprivate var document: Document { ["until": .time(until), "used": .quantities(used)] }
}

extension Value {
    fileprivate static func quantities(_ quantities: [Meter: Quantity]) -> Value {
        .array(quantities.sorted { $0.key < $1.key }.map { .document(["meter": .id($0.key), "amount": .int64($0.value)]) })
    }
}

extension Document {
    fileprivate func quantities(_ key: String) throws -> [Meter: Quantity] {
        let amounts: [(Meter, Quantity)] = try documents(key).map { (try $0.id("meter"), try $0.int64("amount")) }
        return Dictionary(amounts, uniquingKeysWith: { $1 })
    }

    /// The credit of a subscription's document, by currency: in the plan's, and in those of plans before.
    func credit() throws -> [Currency: Money] {
        var credit = [Currency(stored: try string("currency")): try optionalMoney("credit_balance") ?? .zero]
        for other in try self["other_credit"] == nil ? [] : documents("other_credit") {
            credit[Currency(stored: try other.string("currency")), default: .zero] += try other.money("amount")
        }
        return credit.filter { $0.value != .zero }
    }
}

extension PeriodTerms {
    fileprivate init(_ document: Document) throws {
        self.init(
            opening: try AgreedTerms(document.document("opening")), current: try AgreedTerms(document.document("current")))
    }

    fileprivate var document: Document {
        get throws { ["opening": .document(try opening.document), "current": .document(try current.document)] }
    }
}

extension AgreedTerms {
    fileprivate init(_ document: Document) throws {
        self.init(
            plan: try document.id("plan_name"), displayName: try document.string("plan_display_name"), fee: try document.money("fee"))
    }

    fileprivate var document: Document {
        get throws { ["plan_name": .id(plan), "plan_display_name": .string(displayName), "fee": try .money(fee)] }
    }
}

extension PendingChange {
    fileprivate init(_ document: Document) throws {
        self.init(
            action: try document.value("action"), plan: try Plan(fields: document), cycle: try document.cycle("billing_cycle"),
            by: Actor(stored: try document.string("changed_by")))
    }

    fileprivate var document: Document {
        get throws {
            var document = try plan.fields()
            document["action"] = .string(action.rawValue)
            document["billing_cycle"] = .string(cycle.text)
            document["changed_by"] = .string(actor.text)
            return document
        }
    }
}

extension PlanHistoryEntry {
    fileprivate init(_ document: Document) throws {
        self.init(
            plan: try document.id("plan"), tokens: try document.limit("tokens"), fee: try document.money("fee"),
            start: try document.time("start_date"), end: try document.optionalTime("end_date"),
            reason: try document.string("change_reason"),
            note: try document.optionalString("note"), by: Actor(stored: try document.string("changed_by")))
    }

    fileprivate var document: Document {
        get throws {
            [
                "plan": .id(plan), "tokens": .limit(tokens), "fee": try .money(fee), "start_date": .time(start), "end_date": .time(end),
                "change_reason": .string(reason), "note": .text(note), "changed_by": .string(actor.text),
            ]
        }
    }
}

extension StripeWatermarks {
    fileprivate init(_ document: Document) throws {
        self.init(
            state: try document.optionalInt64("stripe_event_at"), cancellation: try document.optionalInt64("stripe_cancellation_at"))
        guard let stripe = try document.optionalDocument("stripe") else { return }
        plan = try stripe.optionalInt64("plan_at")
        price = try stripe.optionalString("price")
        reference = try stripe.optionalString("subscription_id").map { id in
            StripeReference(id: StripeSubscriptionID(stored: id), start: try stripe.optionalInt64("started_at"))
        }
    }
}

extension Document {
    fileprivate func cycle(_ key: String) throws -> BillingCycle {
        guard let cycle = BillingCycle(try string(key)) else { throw StoreError(.invalid, "\(key) is not a billing cycle.") }
        return cycle
    }
}
