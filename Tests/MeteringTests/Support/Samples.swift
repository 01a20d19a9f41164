@testable import Metering

func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(milliseconds: -1) }

func plan(
    _ name: String, tokens: Quantity?, fee: String = "0", cap: Quantity? = nil, trialDays: Int = 0, plain: Set<Meter> = []
) -> Plan {
    Plan(
        name: PlanName(stored: name), displayName: name.capitalized, monthlyFee: Money(fee) ?? .zero, currency: Currency(stored: "EUR"),
        allowances: [.tokens: Limit(tokens)], rolloverCaps: cap.map { [.tokens: $0] } ?? [:], plainMeters: plain, trialDays: trialDays)
}

func account(_ plan: Plan, at now: Timestamp = time("2026-11-10T12:00:00Z"), version: Int64 = 1) -> Account {
    var account = Account.opened(for: UserID(stored: "u"), free: plan, at: now)
    account.version = version
    return account
}

func subscription(_ plan: Plan, cycle: BillingCycle = .monthly, at now: Timestamp = time("2026-11-10T12:00:00Z")) -> Subscription {
    .created(id: SubscriptionID(stored: "s"), user: UserID(stored: "u"), plan: plan, cycle: cycle, by: .system, at: now)
}

extension String {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
