import Testing

@testable import Metering

@Suite struct SubscriptionLifecycleTests {
    /// Every cell: a status, what happens to it, and the status after it; nil where the lifecycle has no such step.
    private static let table: [(SubscriptionStatus, [LifecycleEvent: SubscriptionStatus])] = [
        (
            .trialing,
            [
                .change: .trialing, .renew: .active, .suspend: .suspended, .cancel: .canceled, .trialEnd: .active, .paymentFailed: .pastDue,
            ]
        ),
        (
            .active,
            [.change: .active, .renew: .active, .reset: .active, .suspend: .suspended, .cancel: .canceled, .paymentFailed: .pastDue]
        ),
        (.pastDue, [.change: .pastDue, .renew: .active, .reset: .pastDue, .suspend: .suspended, .cancel: .canceled, .payment: .active]),
        (.suspended, [.change: .suspended, .resume: .active, .cancel: .canceled]), (.canceled, [:]),
    ]

    @Test func `Every cell of the lifecycle is as the table says`() {
        for (status, row) in Self.table {
            for event in LifecycleEvent.allCases {
                #expect((try? status.after(event)) == row[event], "\(status.rawValue) \(event.rawValue)")
            }
        }
        #expect(Set(Self.table.map(\.0)) == Set(SubscriptionStatus.allCases))
    }

    @Test func `What is refused names the status and the step`() {
        #expect(throws: InvalidTransition(from: .canceled, event: .resume)) { try SubscriptionStatus.canceled.after(.resume) }
    }

    @Test(arguments: zip(SubscriptionStatus.allCases, [true, true, true, false, false]))
    func `Who is trialing, active or past due has the plan's allowance`(status: SubscriptionStatus, isEntitled: Bool) {
        #expect(status.isEntitled == isEntitled)
        var state = BillingState(account: account(plan("free", tokens: 10)), subscription: subscription(plan("pro", tokens: 500)))
        state.subscription?.status = status
        state.adoptEntitlement(free: plan("free", tokens: 10))
        #expect(state.account.tokens.limit == .of(isEntitled ? 500 : 10))
    }

    @Test func `Every step is in the history, with who made it, when, and why`() throws {
        let now = time("2026-11-20T00:00:00Z")
        let key = Actor.key(KeyID(stored: "k"))
        var subject = Subscription.created(
            id: SubscriptionID(stored: "s"), user: user, plan: plan("basic", tokens: 10, trialDays: 5), cycle: .monthly,
            by: key, at: time("2026-11-10T00:00:00Z"))
        subject.passBoundary(at: time("2026-11-15T00:00:00Z"))
        try subject.suspend(reason: "unpaid", by: key, at: now)
        try subject.resume(by: .command, at: now.adding(days: 1))
        try subject.schedule(PendingChange(action: .upgrade, plan: plan("pro", tokens: 50), cycle: .monthly, by: key), at: now)
        subject.passBoundary(at: subject.period.end)
        try subject.cancel(.now, by: key, at: now.adding(days: 60))
        #expect(subject.history.map(\.reason) == ["create", "trial_end", "suspend", "resume", "upgrade", "cancel"])
        #expect(subject.history.map(\.actor) == [key, .system, key, .command, key, key])
        #expect(subject.history.map(\.note) == [nil, nil, "unpaid", nil, nil, nil])
        #expect(zip(subject.history, subject.history.dropFirst()).allSatisfy { $0.end == $1.start } && subject.history.last?.end != nil)
    }

    @Test func `A change that waits is taken back by a change to the present plan`() throws {
        var subject = subscription(plan("basic", tokens: 10))
        let change = PendingChange(action: .upgrade, plan: plan("pro", tokens: 50), cycle: .yearly, by: .system)
        try subject.schedule(change, at: time("2026-11-20T00:00:00Z"))
        #expect(subject.pending == change)
        try subject.schedule(
            PendingChange(action: .change, plan: subject.plan, cycle: subject.cycle, by: .system), at: time("2026-11-20T00:00:00Z"))
        #expect(subject.pending == nil)
    }
}
