import Testing

@testable import Metering

/// One operation on a billing state that does not use up purchases.
struct AccountOperation: Sendable, CustomTestStringConvertible {
    let name: String
    /// The amount by which it raises what was purchased.
    var buys: Quantity = 0
    let run: @Sendable (inout BillingState) throws(InvalidTransition) -> Void

    var testDescription: String { name }

    static let now = time("2026-11-20T00:00:00Z")
    static let free = plan("free", tokens: 100)
    static let basic = plan("basic", tokens: 1_000, cap: 50)
    private static let none = plan("none", tokens: 0)
    private static let unlimited = plan("unlimited", tokens: nil, cap: 20)
    private static let plain = plan("plain", tokens: 0, plain: [.tokens])

    static let all = changes + schedules + steps + periods + accounts + holds

    private static func passTime(_ state: inout BillingState, days: Int) {
        _ = state.closeDuePeriods(at: now.adding(days: days), free: free)
    }

    private static func step(
        _ state: inout BillingState, _ step: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        try state.apply(at: now, free: free, step)
    }

    private static let changes: [AccountOperation] = ChangeAction.allCases.flatMap { action in
        [basic, none, unlimited, plain].flatMap { plan in
            [BillingCycle.monthly, .yearly].map { cycle in
                AccountOperation(name: "\(action.rawValue) to \(plan.name), \(cycle.text), now") { state throws(InvalidTransition) in
                    try state.change(to: plan, action: action, cycle: cycle, by: .system, at: now, free: free)
                }
            }
        }
    }

    private static let schedules: [AccountOperation] = ChangeAction.allCases.flatMap { action in
        [basic, none, unlimited, plain].map { plan in
            AccountOperation(name: "\(action.rawValue) to \(plan.name) at the period's end, and that end") {
                state throws(InvalidTransition) in
                try step(&state) { subscription throws(InvalidTransition) in
                    try subscription.schedule(PendingChange(action: action, plan: plan, cycle: .days(3), by: .system), at: now)
                }
                passTime(&state, days: 90)
            }
        }
    }

    private static let steps: [AccountOperation] =
        Effective.allCases.map { effective in
            AccountOperation(name: "cancel, \(effective.rawValue), and a year after it") { state throws(InvalidTransition) in
                try step(&state) { subscription throws(InvalidTransition) in try subscription.cancel(effective, by: .system, at: now) }
                passTime(&state, days: 365)
            }
        } + [
            AccountOperation(name: "suspend, a year, and resume") { state throws(InvalidTransition) in
                try step(&state) { subscription throws(InvalidTransition) in
                    try subscription.suspend(reason: "x", by: .system, at: now)
                }
                passTime(&state, days: 365)
                try step(&state) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
            },
            AccountOperation(name: "resume") { state throws(InvalidTransition) in
                try step(&state) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
            },
            AccountOperation(name: "start") { $0.start(subscription(none), at: now, free: free) },
            AccountOperation(name: "start a trial, and its end") { state in
                state.start(subscription(plan("trial", tokens: 10, cap: 5, trialDays: 14)), at: now, free: free)
                passTime(&state, days: 60)
            },
        ]

    private static let periods = [
        AccountOperation(name: "reset") { state throws(InvalidTransition) in try state.reset(endingTrial: true, at: now, free: free) },
        AccountOperation(name: "two resets") { state throws(InvalidTransition) in
            for _ in 0..<2 { try state.reset(endingTrial: true, at: now, free: free) }
        },
        AccountOperation(name: "one rollover") { passTime(&$0, days: 31) },
        AccountOperation(name: "six years of rollovers") { passTime(&$0, days: 2_200) },
    ]

    private static let accounts =
        [none, free, unlimited, plain].map { plan in
            AccountOperation(name: "adopt \(plan.name)") { $0.account.adopt(plan, subscription: nil) }
        } + [
            AccountOperation(name: "a refused event") { state in
                #expect(throws: UsageRefusal.self) {
                    try state.account.record(UsageContent(amount: 9_000), at: now, enforce: true)
                }
            },
            AccountOperation(name: "use with enforcement off") { state in
                #expect(throws: Never.self) {
                    try state.account.record(UsageContent(amount: 9_000), at: now, enforce: true, enforcement: .off)
                }
            },
            AccountOperation(name: "use of another meter, into debt") { state in
                #expect(throws: Never.self) {
                    try state.account.record(UsageContent(meter: Meter(stored: "calls"), amount: 9), at: now, enforce: false)
                }
            },
            AccountOperation(name: "a check") { _ = $0.account.tokens.explain(9_000, status: .active) },
            AccountOperation(name: "a purchase", buys: 23) { state in
                #expect(throws: Never.self) { try state.account.purchase(purchase(23), as: PurchaseID(stored: "q"), at: now) }
            },
        ]

    /// Holds are made with enforcement off, so that none is refused.
    private static let holds = [
        heldOperation("a hold") { _ throws(ReservationRefusal) in },
        heldOperation("a hold that is released") { hold throws(ReservationRefusal) in try hold.release(at: now) },
        heldOperation("a hold that expires") { hold throws(ReservationRefusal) in hold.expire(at: now.adding(days: 1)) },
        AccountOperation(name: "a refused hold") { state in
            #expect(throws: UsageRefusal.self) { try state.account.hold(hold(9_000, seconds: 5), at: now) }
        },
        AccountOperation(name: "a hold across a rollover") { state in
            #expect(throws: Never.self) { try state.account.hold(hold(500, seconds: 5), at: now, enforcement: .off) }
            passTime(&state, days: 31)
        },
    ]

    private static func heldOperation(
        _ name: String, _ move: @escaping @Sendable (inout Reservation) throws(ReservationRefusal) -> Void
    ) -> AccountOperation {
        AccountOperation(name: name) { state in
            #expect(throws: Never.self) {
                let held = try state.account.hold(hold(900, seconds: 5), at: now, enforcement: .off)
                var after = held
                try move(&after)
                state.account.releaseHold(from: held, to: after)
            }
        }
    }
}
