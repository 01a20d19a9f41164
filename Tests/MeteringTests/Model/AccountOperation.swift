import Testing

@testable import Metering

/// Something that can be done to a ledger and that is not consumption of purchases, one by one.
struct AccountOperation: Sendable, CustomTestStringConvertible {
    let name: String
    /// By what it raises `purchased`.
    var buys: Quantity = 0
    let run: @Sendable (inout BillingState) throws(InvalidTransition) -> Void

    var testDescription: String { name }

    static let now = time("2026-11-20T00:00:00Z")
    static let free = plan("free", tokens: 100)
    static let basic = plan("basic", tokens: 1_000, cap: 50)
    private static let none = plan("none", tokens: 0)
    private static let unlimited = plan("unlimited", tokens: nil, cap: 20)
    private static let plain = plan("plain", tokens: 0, plain: [.tokens])

    static let all = changes + schedules + movements + periods + accounts + holds

    static func purchase(_ amount: Quantity) -> PurchaseContent {
        PurchaseContent(user: UserID(stored: "u"), meter: .tokens, amount: amount)
    }

    static func hold(_ amount: Quantity) -> ReservationRequest {
        ReservationRequest(id: ReservationID(stored: "r"), user: UserID(stored: "u"), meter: .tokens, amount: amount, seconds: 5)
    }

    private static func passTime(_ ledger: inout BillingState, days: Int) {
        _ = ledger.closeDuePeriods(at: now.adding(days: days), free: free)
    }

    private static func step(
        _ ledger: inout BillingState, _ step: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        try ledger.apply(at: now, free: free, step)
    }

    private static let changes: [AccountOperation] = ChangeAction.allCases.flatMap { action in
        [basic, none, unlimited, plain].flatMap { plan in
            [BillingCycle.monthly, .yearly].map { cycle in
                AccountOperation(name: "\(action.rawValue) to \(plan.name), \(cycle.text), now") { ledger throws(InvalidTransition) in
                    try ledger.change(to: plan, action: action, cycle: cycle, by: .system, at: now, free: free)
                }
            }
        }
    }

    private static let schedules: [AccountOperation] = ChangeAction.allCases.flatMap { action in
        [basic, none, unlimited, plain].map { plan in
            AccountOperation(name: "\(action.rawValue) to \(plan.name) at the period's end, and that end") {
                ledger throws(InvalidTransition) in
                try step(&ledger) { subscription throws(InvalidTransition) in
                    try subscription.schedule(PendingChange(action: action, plan: plan, cycle: .days(3), by: .system))
                }
                passTime(&ledger, days: 90)
            }
        }
    }

    private static let movements: [AccountOperation] =
        Effective.allCases.map { effective in
            AccountOperation(name: "cancel, \(effective.rawValue), and a year after it") { ledger throws(InvalidTransition) in
                try step(&ledger) { subscription throws(InvalidTransition) in try subscription.cancel(effective, by: .system, at: now) }
                passTime(&ledger, days: 365)
            }
        } + [
            AccountOperation(name: "suspend, a year, and resume") { ledger throws(InvalidTransition) in
                try step(&ledger) { subscription throws(InvalidTransition) in
                    try subscription.suspend(reason: "x", by: .system, at: now)
                }
                passTime(&ledger, days: 365)
                try step(&ledger) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
            },
            AccountOperation(name: "resume") { ledger throws(InvalidTransition) in
                try step(&ledger) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
            },
            AccountOperation(name: "start") { $0.start(subscription(none), at: now, free: free) },
            AccountOperation(name: "start a trial, and its end") { ledger in
                ledger.start(subscription(plan("trial", tokens: 10, cap: 5, trialDays: 14)), at: now, free: free)
                passTime(&ledger, days: 60)
            },
        ]

    private static let periods = [
        AccountOperation(name: "reset") { $0.reset(at: now, free: free) },
        AccountOperation(name: "two resets") { ledger in
            for _ in 0..<2 { ledger.reset(at: now, free: free) }
        },
        AccountOperation(name: "one rollover") { passTime(&$0, days: 31) },
        AccountOperation(name: "six years of rollovers") { passTime(&$0, days: 2_200) },
    ]

    private static let accounts =
        [none, free, unlimited, plain].map { plan in
            AccountOperation(name: "adopt \(plan.name)") { $0.account.adopt(plan, subscription: nil) }
        } + [
            AccountOperation(name: "a refused event") { ledger in
                #expect(throws: UsageRefusal.self) {
                    try ledger.account.record(UsageContent(amount: 9_000), at: now, enforce: true)
                }
            },
            AccountOperation(name: "use with enforcement off") { ledger in
                #expect(throws: Never.self) {
                    try ledger.account.record(UsageContent(amount: 9_000), at: now, enforce: true, enforcement: .off)
                }
            },
            AccountOperation(name: "use of another meter, into debt") { ledger in
                #expect(throws: Never.self) {
                    try ledger.account.record(UsageContent(meter: Meter(stored: "calls"), amount: 9), at: now, enforce: false)
                }
            },
            AccountOperation(name: "a check") { _ = $0.account.tokens.explain(9_000, standing: .active) },
            AccountOperation(name: "a purchase", buys: 23) { ledger in
                #expect(throws: Never.self) { try ledger.account.purchase(purchase(23), as: PurchaseID(stored: "q"), at: now) }
            },
        ]

    /// Holds are made with enforcement off, so that each standing gives them.
    private static let holds = [
        heldOperation("a hold") { _ throws(ReservationRefusal) in },
        heldOperation("a hold that is released") { hold throws(ReservationRefusal) in try hold.release(at: now) },
        heldOperation("a hold that expires") { hold throws(ReservationRefusal) in hold.expire(at: now.adding(days: 1)) },
        AccountOperation(name: "a refused hold") { ledger in
            #expect(throws: UsageRefusal.self) { try ledger.account.hold(hold(9_000), at: now) }
        },
        AccountOperation(name: "a hold across a rollover") { ledger in
            #expect(throws: Never.self) { try ledger.account.hold(hold(500), at: now, enforcement: .off) }
            passTime(&ledger, days: 31)
        },
    ]

    private static func heldOperation(
        _ name: String, _ move: @escaping @Sendable (inout Reservation) throws(ReservationRefusal) -> Void
    ) -> AccountOperation {
        AccountOperation(name: name) { ledger in
            #expect(throws: Never.self) {
                let held = try ledger.account.hold(hold(900), at: now, enforcement: .off)
                var after = held
                try move(&after)
                ledger.account.free(from: held, to: after)
            }
        }
    }
}
