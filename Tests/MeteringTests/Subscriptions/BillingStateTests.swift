import Testing

@testable import Metering

@Suite struct BillingStateTests {
    let now = time("2026-11-10T12:00:00Z")
    let free = plan("free", tokens: 100)
    let basic = plan("basic", tokens: 1_000, fee: "9", cap: 500)
    let pro = plan("pro", tokens: 4_000, fee: "29")

    private func subscribed(to plan: Plan, cycle: BillingCycle = .monthly) -> BillingState {
        var state = BillingState(account: account(free, at: now), subscription: nil)
        state.start(subscription(plan, cycle: cycle, at: now), at: now, free: free)
        return state
    }

    @Test func `A subscription closes the free period and starts its own`() throws {
        var state = BillingState(account: account(free, at: now), subscription: nil)
        _ = try state.account.record(UsageContent(amount: 40), at: now, enforce: true)
        state.start(subscription(basic, at: now), at: now, free: free)
        #expect(state.account.period == Period(start: now, end: time("2026-12-10T12:00:00Z")))
        #expect((state.account.tokens.used, state.account.tokens.limit) == (0, .of(1_000)))
        #expect(state.account.summaries.map(\.totals.tokens) == [40])
        #expect(state.account.summaries.map(\.period.end) == [now])
    }

    @Test func `Every missed period is closed by itself, at its own end`() throws {
        var state = subscribed(to: basic)
        _ = try state.account.record(UsageContent(amount: 900), at: now, enforce: false)
        #expect(state.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: free) == 3)
        let closed = state.account.summaries.suffix(3)
        #expect(closed.map(\.totals.tokens) == [900, 0, 0])
        #expect(closed.map(\.period.end.rfc3339) == ["2026-12-10T12:00:00.000Z", "2027-01-10T12:00:00.000Z", "2027-02-10T12:00:00.000Z"])
        #expect(closed.map { $0.meters[0].carriedOver } == [100, 500, 500])
        #expect(state.account.period == state.subscription?.period)
        #expect(state.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: free) == 0)
    }

    @Test func `An upgrade keeps the period and what was used; a downgrade below it leaves nothing until the next period`() throws {
        var state = subscribed(to: pro)
        _ = try state.account.record(UsageContent(amount: 3_000), at: now, enforce: true)
        try state.change(to: basic, action: .downgrade, cycle: .monthly, by: .system, at: now, free: free)
        #expect((state.account.tokens.used, state.account.tokens.remaining) == (3_000, 0))
        #expect(state.subscription?.status == .active)
        try state.change(to: pro, action: .upgrade, cycle: .monthly, by: .system, at: now, free: free)
        #expect(state.account.tokens.remaining == 1_000)
        try state.change(to: basic, action: .downgrade, cycle: .monthly, by: .system, at: now, free: free)
        _ = state.closeDuePeriods(at: state.account.period.end, free: free)
        #expect(state.account.tokens.remaining == 1_000)
        #expect(state.subscription?.history.map(\.reason) == ["create", "downgrade", "upgrade", "downgrade"])
        #expect(state.subscription?.history.map { $0.end == nil } == [false, false, false, true])
    }

    @Test func `A change that waits for the period's end takes a cancellation at that end back`() throws {
        var state = subscribed(to: basic)
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.cancel(.periodEnd, by: .system, at: now)
            try subscription.schedule(PendingChange(action: .upgrade, plan: pro, cycle: .monthly, by: .system), at: now)
        }
        _ = state.closeDuePeriods(at: state.account.period.end, free: free)
        #expect((state.subscription?.status, state.subscription?.plan) == (.active, pro))
    }

    @Test func `A renewal and another cycle start a new period now`() throws {
        var state = subscribed(to: basic)
        _ = try state.account.record(UsageContent(amount: 700), at: now, enforce: true)
        let later = now.adding(days: 3)
        try state.change(to: basic, action: .renew, cycle: .monthly, by: .system, at: later, free: free)
        #expect(state.account.period == Period(start: later, end: time("2026-12-13T12:00:00Z")))
        #expect(
            (state.account.tokens.used, state.account.tokens.rollover) == (0, 0), "three of thirty days have earned 100, and 700 were used")
        try state.change(to: basic, action: .change, cycle: .yearly, by: .system, at: later, free: free)
        #expect(state.account.period.end == time("2027-11-13T12:00:00Z"))
    }

    @Test func `Suspended and canceled users fall back to the free plan, and get theirs back when resumed`() throws {
        var state = subscribed(to: basic)
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.suspend(reason: "unpaid", by: .system, at: now)
        }
        #expect((state.account.plan, state.account.tokens.limit) == (free.name, .of(100)))
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
        #expect(state.account.tokens.limit == .of(1_000))
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.cancel(.now, by: .system, at: now)
        }
        #expect((state.account.subscription, state.account.tokens.limit) == (nil, .of(100)))
        #expect(state.account.period.end == time("2026-12-01T00:00:00Z"), "the free plan is the calendar month")
    }

    @Test func `A cancellation at the period's end lets it run out, and can be taken back`() throws {
        var state = subscribed(to: basic)
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.cancel(.periodEnd, by: .system, at: now)
        }
        #expect(state.subscription?.cancelAt == time("2026-12-10T12:00:00Z"))
        #expect(state.subscription?.nextBillingAmount == nil)
        var kept = state
        try kept.apply(at: now, free: free) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
        #expect(kept.subscription?.cancelAt == nil)
        _ = state.closeDuePeriods(at: time("2027-01-15T00:00:00Z"), free: free)
        #expect((state.subscription?.status, state.subscription?.canceledAt) == (.canceled, time("2026-12-10T12:00:00Z")))
        #expect(state.account.plan == free.name)
        #expect(state.account.summaries.suffix(2).map(\.plan) == [basic.name, free.name])
    }

    @Test func `A trial is the first period, and what is paid is counted from its end`() {
        let trial = plan("trial", tokens: 10, trialDays: 14)
        var state = subscribed(to: trial)
        #expect((state.subscription?.status, state.account.period.days) == (.trialing, 14))
        _ = state.closeDuePeriods(at: time("2026-11-24T12:00:00Z"), free: free)
        #expect(state.subscription?.status == .active)
        #expect(state.account.period.end == time("2026-12-24T12:00:00Z"))
    }

    @Test func `A pending change takes effect when the period ends`() throws {
        var state = subscribed(to: basic)
        try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.schedule(PendingChange(action: .upgrade, plan: pro, cycle: .monthly, by: .system), at: now)
        }
        #expect(state.account.tokens.limit == .of(1_000))
        #expect(state.subscription?.nextBillingAmount == Money("29"))
        _ = state.closeDuePeriods(at: state.account.period.end, free: free)
        #expect(state.account.tokens.limit == .of(4_000))
        #expect((state.subscription?.plan.name, state.subscription?.pending) == (pro.name, nil))
    }

    @Test func `A reset closes the period now and counts from there`() throws {
        var state = subscribed(to: basic)
        _ = try state.account.record(UsageContent(amount: 10), at: now, enforce: true)
        let later = now.adding(days: 2)
        try state.reset(at: later, free: free)
        #expect(state.account.period == Period(start: later, end: time("2026-12-12T12:00:00Z")))
        #expect(state.subscription?.period == state.account.period)
        #expect((state.account.tokens.used, state.account.daily.count) == (0, 0))
    }

    @Test func `At most sixty summaries are kept, the newest`() {
        var state = BillingState(account: account(free, at: now), subscription: nil)
        #expect(state.closeDuePeriods(at: time("2033-11-10T12:00:00Z"), free: free) == 84)
        #expect(state.account.summaries.count == 60)
        #expect(state.account.summaries.last?.period.end == time("2033-11-01T00:00:00Z"))
    }

    @Test func `The lifecycle has these steps and no others`() {
        let table: [SubscriptionStatus: [LifecycleEvent: SubscriptionStatus]] = [
            .trialing: [
                .change: .trialing, .renew: .active, .suspend: .suspended, .cancel: .canceled, .trialEnd: .active, .paymentFailed: .pastDue,
            ],
            .active: [
                .change: .active, .renew: .active, .reset: .active, .suspend: .suspended, .cancel: .canceled, .paymentFailed: .pastDue,
            ],
            .pastDue: [.change: .pastDue, .renew: .active, .reset: .pastDue, .suspend: .suspended, .cancel: .canceled, .payment: .active],
            .suspended: [.change: .suspended, .resume: .active, .cancel: .canceled],
            .canceled: [:],
        ]
        for status in SubscriptionStatus.allCases {
            for event in LifecycleEvent.allCases {
                #expect((try? status.after(event)) == table[status]?[event], "\(status) \(event)")
            }
        }
    }
}
