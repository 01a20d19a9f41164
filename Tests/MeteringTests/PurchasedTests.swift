import Testing

@testable import Metering

/// Nothing but consumption lowers what was purchased: every operation that there is on a ledger, one by one.
@Suite struct PurchasedTests {
    private static let free = plan("free", tokens: 100)
    private static let basic = plan("basic", tokens: 1_000, cap: 50)
    private static let none = plan("none", tokens: 0, plain: [Meter(stored: "calls")])
    private static let now = time("2026-11-20T00:00:00Z")

    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (inout Ledger) throws -> Void

        init(_ name: String, _ run: @escaping @Sendable (inout Ledger) throws -> Void) {
            (testDescription, self.run) = (name, run)
        }
    }

    private static let operations: [Operation] =
        ChangeAction.allCases.flatMap { action in
            [basic, none].map { plan in
                Operation("\(action.rawValue) to \(plan.name) now") {
                    try $0.change(to: plan, action: action, cycle: .yearly, by: .system, at: now, free: free)
                }
            }
        }
        + ChangeAction.allCases.map { action in
            Operation("\(action.rawValue) at the period's end, and that end") { ledger in
                try ledger.apply(free: free) { subscription throws(InvalidTransition) in
                    try subscription.schedule(PendingChange(action: action, plan: none, cycle: .days(3), by: .system))
                }
                _ = ledger.closeDuePeriods(at: now.adding(days: 90), free: free)
            }
        } + [
            Operation("a new subscription") { $0.start(subscription(none), at: now, free: free) },
            Operation("suspend, and ends after it") { ledger in
                try ledger.apply(free: free) { subscription throws(InvalidTransition) in
                    try subscription.suspend(reason: "x", by: .system, at: now)
                }
                _ = ledger.closeDuePeriods(at: now.adding(days: 400), free: free)
                try ledger.apply(free: free) { subscription throws(InvalidTransition) in try subscription.resume(by: .system, at: now) }
            },
            Operation("cancel now") { ledger in
                try ledger.apply(free: free) { subscription throws(InvalidTransition) in try subscription.cancel(.now, by: .system, at: now)
                }
                _ = ledger.closeDuePeriods(at: now.adding(days: 400), free: free)
            },
            Operation("cancel at the period's end") { ledger in
                try ledger.apply(free: free) { subscription throws(InvalidTransition) in
                    try subscription.cancel(.periodEnd, by: .system, at: now)
                }
                _ = ledger.closeDuePeriods(at: now.adding(days: 400), free: free)
            },
            Operation("reset") { $0.reset(at: now, free: free) },
            Operation("two years of rollovers") { _ = $0.closeDuePeriods(at: now.adding(days: 730), free: free) },
            Operation("the free plan") { $0.account.adopt(none, subscription: nil) },
            Operation("a refused event") { ledger in
                _ = try? ledger.account.record(UsageContent(amount: 9_000), at: now, enforce: true)
            },
            Operation("use with enforcement off") { ledger in
                _ = try ledger.account.record(UsageContent(amount: 9_000), at: now, enforce: true, enforcement: .off)
            },
            Operation("use within the allowance") { _ = try $0.account.record(UsageContent(amount: 300), at: now, enforce: true) },
            Operation("a hold that is released, and one that expires") { ledger in
                for isReleased in [true, false] {
                    let request = ReservationRequest(
                        id: ReservationID(stored: "r"), user: ledger.account.user, meter: .tokens, amount: 900, seconds: 5)
                    let held = try ledger.account.hold(request, at: now)
                    var after = held
                    if isReleased { try after.release() } else { after.expire(at: now.adding(days: 1)) }
                    ledger.account.free(from: held, to: after)
                }
            },
        ]

    @Test(arguments: operations)
    func `Nothing but consumption lowers what was purchased`(operation: Operation) throws {
        var ledger = Ledger(account: account(Self.free), subscription: nil)
        ledger.start(subscription(Self.basic), at: time("2026-11-10T12:00:00Z"), free: Self.free)
        let content = PurchaseContent(user: ledger.account.user, meter: .tokens, amount: 77)
        _ = try ledger.account.purchase(content, as: PurchaseID(stored: "p"), at: Self.now)
        _ = try ledger.account.record(UsageContent(amount: 40), at: Self.now, enforce: false)
        try operation.run(&ledger)
        #expect(ledger.account.tokens.purchased == 77)
    }

    @Test func `Consumption lowers it, after everything else`() throws {
        var ledger = Ledger(account: account(Self.free), subscription: nil)
        let content = PurchaseContent(user: ledger.account.user, meter: .tokens, amount: 77)
        _ = try ledger.account.purchase(content, as: PurchaseID(stored: "p"), at: Self.now)
        _ = try ledger.account.record(UsageContent(amount: 130), at: Self.now, enforce: true)
        #expect(ledger.account.tokens.purchased == 47)
    }
}
