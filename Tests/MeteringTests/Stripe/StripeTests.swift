import Support
import Testing

@testable import Metering

struct StripeRuleTests {
    private static let now = time("2026-11-20T00:00:00Z")
    private static let start: Int64 = 1_795_000_000

    /// Each cell: the step from a status, nil where there is none. The last column: suspended by Stripe.
    private static let table: [(StripeSubscriptionState, [LifecycleEvent?])] = [
        // trialing, active, past_due, suspended, canceled; suspended by Stripe
        (.trialing, [nil, nil, .payment, nil, nil, .resume]), (.active, [.trialEnd, nil, .payment, nil, nil, .resume]),
        (.pastDue, [.paymentFailed, .paymentFailed, nil, nil, nil, .resume]), (.unpaid, [.suspend, .suspend, .suspend, nil, nil, nil]),
        (.paused, [.suspend, .suspend, .suspend, nil, nil, nil]), (.canceled, [.cancel, .cancel, .cancel, .cancel, nil, .cancel]),
        (.invoicePaid, [nil, nil, .payment, nil, nil, nil]), (.invoiceFailed, [nil, .paymentFailed, nil, nil, nil, nil]),
    ]

    @Test func `Every cell of the rule is as the table says, and the lifecycle has its step`() throws {
        let statuses: [SubscriptionStatus] = [.trialing, .active, .pastDue, .suspended, .canceled]
        for (state, row) in Self.table {
            for (status, step) in zip(statuses, row) {
                #expect(state.step(from: status) == step, "\(state) \(status)")
                if let step { _ = try status.after(step) }
            }
            #expect(state.step(from: .suspended, suspendedByStripe: true) == row[5], "\(state)")
        }
        #expect(Set(Self.table.map(\.0)) == Set(StripeSubscriptionState.allCases) && Set(statuses) == Set(SubscriptionStatus.allCases))
    }

    @Test(arguments: [
        ("trialing", StripeSubscriptionState.trialing), ("active", .active), ("past_due", .pastDue), ("unpaid", .unpaid),
        ("paused", .paused),
        ("canceled", .canceled), ("incomplete", nil), ("incomplete_expired", nil), ("invoice_paid", nil), ("", nil), ("Active", nil),
    ])
    func `A status of Stripe's has a meaning or none`(word: String, state: StripeSubscriptionState?) {
        #expect(StripeSubscriptionState(status: word) == state)
    }

    @Test func `What Stripe suspended it resumes, as far as it says, and the history names it`() throws {
        var subject = subscription(plan("pro", tokens: 10))
        #expect(try subject.follow(StripeUpdate(.unpaid), created: 1, at: Self.now) == .applied)
        #expect(subject.status == .suspended && subject.suspendReason == "unpaid")
        #expect(try subject.follow(StripeUpdate(.pastDue), created: 2, at: Self.now) == .applied)
        #expect(subject.status == .pastDue && subject.suspendReason == nil)
        #expect(subject.history.dropFirst().map(\.reason) == ["suspend", "resume", "payment_failed"])
        #expect(subject.history.dropFirst().allSatisfy { $0.actor == .stripe })
    }

    @Test func `What the shop suspended or canceled for the period's end, Stripe does not take back`() throws {
        var subject = subscription(plan("pro", tokens: 10))
        try subject.cancel(.periodEnd, by: .command, at: Self.now)
        #expect(try subject.follow(StripeUpdate(.active, cancelsAtPeriodEnd: false), created: 1, at: Self.now) == .ignored)
        #expect(subject.cancelAtPeriodEnd)
        try subject.suspend(reason: "fraud", by: .command, at: Self.now)
        #expect(try subject.follow(StripeUpdate(.active), created: 2, at: Self.now) == .ignored)
        #expect(subject.status == .suspended && subject.suspendReason == "fraud" && subject.cancelAtPeriodEnd)
        #expect(try subject.follow(StripeUpdate(.canceled), created: 3, at: Self.now) == .applied)
        #expect(subject.status == .canceled && subject.canceledAt == Self.now)
    }

    @Test func `What was made before the last event moves nothing, of the same second it does, and nothing moves what is canceled`() throws
    {
        var subject = subscription(plan("pro", tokens: 10))
        #expect(try subject.follow(StripeUpdate(.invoicePaid), created: 10, at: Self.now) == .ignored)
        #expect(try subject.follow(StripeUpdate(.invoiceFailed), created: 9, at: Self.now) == .stale)
        #expect(subject.status == .active)
        #expect(try subject.follow(StripeUpdate(.invoiceFailed), created: 10, at: Self.now) == .applied)
        #expect(try subject.follow(StripeUpdate(.active, cancelsAtPeriodEnd: true), created: 8, at: Self.now) == .applied)
        #expect(
            subject.status == .pastDue && subject.cancelAtPeriodEnd && subject.stripe == StripeWatermarks(state: 10, cancellation: 8))
        #expect(try subject.follow(StripeUpdate(.canceled), created: 11, at: Self.now) == .applied)
        let ended = subject
        #expect(try subject.follow(StripeUpdate(.active, cancelsAtPeriodEnd: false), created: 11, at: Self.now) == .ignored)
        #expect(try subject.follow(StripeUpdate(.active), created: 10, at: Self.now) == .stale)
        #expect((subject.status, subject.canceledAt, subject.history) == (ended.status, ended.canceledAt, ended.history))
    }

    @Test func `What was made before the subscription is about another one`() throws {
        var subject = subscription(plan("pro", tokens: 10))
        #expect(try subject.follow(StripeUpdate(.canceled, cancelsAtPeriodEnd: true), created: 99, floor: 100, at: Self.now) == .stale)
        #expect(subject == subscription(plan("pro", tokens: 10)))
        #expect(try subject.follow(StripeUpdate(.canceled), created: 100, floor: 100, at: Self.now) == .applied)
    }

    private struct Event {
        let update: StripeUpdate
        let created: Int64
    }

    private static func end(of events: [Event]) throws -> (SubscriptionStatus, Bool) {
        var subject = subscription(plan("pro", tokens: 10))
        for event in events { _ = try subject.follow(event.update, created: event.created, at: now) }
        return (subject.status, subject.cancelAtPeriodEnd)
    }

    /// A story of events whose last one says the subscription's status.
    private static func story(_ random: inout SplitMix) -> [Event] {
        let before: [StripeSubscriptionState] = [.trialing, .active, .pastDue, .unpaid, .paused, .invoicePaid, .invoiceFailed]
        let last: [StripeSubscriptionState] = [.trialing, .active, .pastDue, .unpaid, .paused, .canceled]
        let count = Int.random(in: 1...9, using: &random)
        return (0...count).map { index in
            let state = (index == count ? last : before).randomElement(using: &random)
            let isInvoice = state == .invoicePaid || state == .invoiceFailed
            let cancels = isInvoice ? nil : [true, false, nil].randomElement(using: &random) ?? nil
            return Event(update: StripeUpdate(state, cancelsAtPeriodEnd: cancels), created: start + Int64(index))
        }
    }

    @Test func `A story ends the same in whichever order it arrives`() throws {
        var random = SplitMix(seed: 20_261_120)
        for _ in 0..<2_000 {
            let story = Self.story(&random)
            let end = try Self.end(of: story)
            for _ in 0..<5 {
                let shuffled = story.shuffled(using: &random)
                #expect(try Self.end(of: shuffled) == end, "\(shuffled)")
            }
        }
    }

    @Test func `Invoices alone end the same in whichever order they arrive`() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<500 {
            let story = (0..<Int64.random(in: 1...8, using: &random)).map { index in
                Event(update: StripeUpdate(Bool.random(using: &random) ? .invoicePaid : .invoiceFailed), created: Self.start + index)
            }
            #expect(try Self.end(of: story.shuffled(using: &random)) == Self.end(of: story))
        }
    }
}

struct StripePaymentTests {
    @Test(
        arguments: [
            ("EUR", 2900, "29.00"), ("EUR", 1, "0.01"), ("JPY", 2900, "2900.00"), ("KWD", 2900, "2.90"), ("KWD", 1, "0.001"),
            ("ISK", 2900, "29.00"),
            ("USD", 0, "0.00"), ("BIF", .max, "9223372036854775807.00"),
        ] as [(String, Int64, String)])
    func `Money is counted in the currency's smallest unit`(code: String, count: Int64, text: String) {
        #expect(Money(smallestUnits: count, of: Currency(stored: code)).text == text)
    }

    @Test(arguments: [("EUR", 2900, true), ("EUR", 3451, true), ("EUR", 2899, false), ("USD", 2900, false), ("JPY", 2900, false)])
    func `An invoice is covered by its total or more in its currency`(code: String, amount: Int64, isCovered: Bool) {
        let invoice = invoice([(.fee, "29")])
        let payment = StripePayment(reference: "in_1", number: invoice.number, amount: amount, currency: Currency(stored: code))
        #expect(payment.covers(invoice) == isCovered)
    }
}
