/// An event that is about a subscription, with what is known from other events.
package struct StripeChange: Sendable {
    package let event: StripeEvent
    package let update: StripeUpdate
    /// What the subscription at Stripe sells, by this event or an earlier one.
    package let offer: StripeOffer?

    package init(event: StripeEvent, update: StripeUpdate, offer: StripeOffer?) {
        self.event = event
        self.update = update
        self.offer = offer
    }

    /// The subscription that the event begins for a user whose subscriptions are over, or who never had one: when somebody has at Stripe what a plan
    /// of the catalog sells, by another subscription there than the one that ended here, and not by an event from before that end.
    package func opening(after former: Subscription?, among catalog: [Plan]) -> StripeOpening? {
        guard update.state?.isEntitled == true, let id = event.reference?.id, let offer, let plan = offer.plan(among: catalog) else {
            return nil
        }
        if let former {
            guard let known = former.stripe.reference, known.id != id, event.created > former.stripe.state ?? .min else { return nil }
        }
        return StripeOpening(plan: plan, offer: offer)
    }
}

/// A plan that somebody bought at Stripe.
package struct StripeOpening: Equatable, Sendable {
    package let plan: Plan
    package let offer: StripeOffer
}

extension StripeOffer {
    /// With what an earlier event said where this one says nothing.
    package func completed(by earlier: StripeOffer?) -> StripeOffer {
        StripeOffer(
            price: price ?? earlier?.price, lookupKey: price == nil ? lookupKey ?? earlier?.lookupKey : lookupKey,
            planName: planName ?? earlier?.planName, cycle: cycle ?? earlier?.cycle, trialEnd: trialEnd)
    }
}

extension Shop {
    /// Why an event of Stripe's is not for the shop; nil when it is. A test shop takes both modes' events while it has none of its own.
    package func refusal(of event: StripeEvent) -> String? {
        guard let isLive = event.isLive, let mode = mode ?? (clock == .live ? .live : nil), isLive != (mode == .live) else { return nil }
        return "it is of Stripe's \(isLive ? "live" : "test") mode, and the shop's mode is \(mode.rawValue)"
    }
}
