import Foundation
import Support

@testable import Metering

let euro = Currency(stored: "EUR")
let user = UserID(stored: "u")

/// `text`: RFC 3339.
func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(milliseconds: -1) }

func plan(
    _ name: String, tokens: Quantity?, fee: String = "0", cap: Quantity? = nil, trialDays: Int = 0, plain: Set<Meter> = []
) -> Plan {
    Plan(
        name: PlanName(stored: name), displayName: name.capitalized, monthlyFee: Money(fee) ?? .zero, currency: euro,
        allowances: [.tokens: Limit(tokens)], rolloverCaps: cap.map { [.tokens: $0] } ?? [:], plainMeters: plain, trialDays: trialDays)
}

func account(_ plan: Plan, at now: Timestamp = time("2026-11-10T12:00:00Z"), version: Int64 = 1) -> Account {
    var account = Account.opened(for: user, free: plan, at: now)
    account.version = version
    return account
}

func subscription(_ plan: Plan, cycle: BillingCycle = .monthly, at now: Timestamp = time("2026-11-10T12:00:00Z")) -> Subscription {
    .created(id: SubscriptionID(stored: "s"), user: user, plan: plan, cycle: cycle, by: .system, at: now)
}

func purchase(_ amount: Quantity, of meter: Meter = .tokens) -> PurchaseContent {
    PurchaseContent(user: user, meter: meter, amount: amount)
}

func hold(_ amount: Quantity, of meter: Meter = .tokens, as id: String = "r", seconds: Int64 = 900) -> ReservationRequest {
    ReservationRequest(id: ReservationID(stored: id), user: user, meter: meter, amount: amount, seconds: seconds)
}

/// An invoice of the 30 days up to `now`.
func invoice(_ lines: [(InvoiceLine.Kind, String)], at now: Timestamp = time("2026-11-10T12:00:00Z")) -> Invoice {
    let period = Period(start: now.adding(days: -30), end: now)
    let bill = Bill(
        user: user, subscription: SubscriptionID(stored: "s"), kind: .period, periodNumber: 3, plan: PlanName(stored: "pro"),
        planDisplayName: "Pro", currency: euro,
        lines: lines.map { InvoiceLine($0, "line", for: period, amount: Money($1) ?? .zero) })
    return .issued(bill, as: InvoiceNumber(stored: "FACT-202611-0001"), at: now, dueAfterDays: 14)
}

/// The rows of a table in `fixtures`, which a person can check. A key of the table that is not among `words` is a mistake, as nothing would
/// read it: then it throws.
func fixture<Row: Decodable>(_ name: String, words: Set<String>, _ type: Row.Type = Row.self) throws -> [Row] {
    let data = try Data(contentsOf: fixtureFile(name))
    let unknown = Set(keys(of: try JSONSerialization.jsonObject(with: data))).subtracting(words)
    guard unknown.isEmpty else { throw UnknownWords(words: unknown) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Row].self, from: data)
}

struct UnknownWords: Error { let words: Set<String> }

private func keys(of value: Any) -> [String] {
    switch value {
    case let object as [String: Any]: Array(object.keys) + object.values.flatMap(keys)
    case let list as [Any]: list.flatMap(keys)
    default: []
    }
}
