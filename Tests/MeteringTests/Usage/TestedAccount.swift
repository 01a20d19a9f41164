@testable import Metering

/// The code under test, driven by the steps of a random sequence.
struct TestedAccount {
    private(set) var state: BillingState
    private(set) var reservations: [Int: Reservation] = [:]
    private(set) var events: [Event] = []
    /// By meter.
    private(set) var bought = Array(repeating: 0 as Int64, count: ReferenceTerms.meters)
    private(set) var drawnFromPurchased = Array(repeating: 0 as Int64, count: ReferenceTerms.meters)
    private(set) var enforcement = Enforcement.on
    private var now = Self.start

    /// An event as the log would keep it.
    struct Event {
        let meter: Int
        let period: Int64
        let amount: Int64
        let taken: AccountOutcome.Taken
    }

    static let meters = [Meter.tokens, Meter(stored: "api_calls")]
    private static let start = time("2026-11-10T12:00:00Z")
    private static let days = BillingCycle.days(Int(ReferenceTerms.periodSeconds / 86_400))
    private static let plans = ReferenceTerms.plans.enumerated().map { plan($0, $1) }

    init() {
        state = BillingState(account: account(Self.plans[0], at: Self.start, version: 0), subscription: nil)
        state.start(subscription(Self.plans[1], cycle: Self.days, at: Self.start), at: Self.start, free: Self.plans[0])
    }

    private static func plan(_ number: Int, _ terms: [ReferenceTerms]) -> Plan {
        var plan = MeteringTests.plan("p\(number)", tokens: nil)
        for (meter, terms) in zip(meters, terms) {
            if terms.isPlain { plan.plainMeters.insert(meter) } else { plan.allowances[meter] = Limit(terms.limit) }
            plan.rolloverCaps[meter] = terms.cap
        }
        return plan
    }

    func numbers(_ meter: Int) -> MeterNumbers {
        let balance = state.account.balance(of: Self.meters[meter]).under(enforcement)
        return MeterNumbers(
            used: balance.used, rollover: balance.rollover, purchased: balance.purchased, reserved: balance.reserved,
            remaining: balance.remaining)
    }

    mutating func perform(_ step: AccountStep) -> AccountOutcome {
        do {
            return try outcome(of: step)
        } catch UsageRefusal.limitExceeded(_, let limit, let used, let requested, let available) {
            return .refused(limit: limit, used: used, requested: requested, available: available)
        } catch is ReservationRefusal, is InvalidTransition {
            return .forbidden
        } catch {
            return .failed("\(error)")
        }
    }

    private mutating func outcome(of step: AccountStep) throws -> AccountOutcome {
        switch step {
        case .record(let meter, let amount, let enforce): return .recorded(try record(meter, amount, enforce: enforce))
        case .purchase(let meter, let amount): return try purchase(meter, amount)
        case .hold(let id, let meter, let amount, let seconds): return try hold(id, meter, amount, seconds)
        case .commit(let id, let amount, let isFinal): return try commit(id, amount, isFinal)
        case .release(let id): try move(id) { [now] hold throws(ReservationRefusal) in try hold.release(at: now) }
        case .expire(let id): try move(id) { [now] hold throws(ReservationRefusal) in hold.expire(at: now) }
        case .wait(let seconds):
            now = now.adding(milliseconds: seconds * 1_000)
            return .passed(periods: state.closeDuePeriods(at: now, free: Self.plans[0]))
        case .enforcement(let isOn): enforcement = isOn ? .on : .off
        default: try changeSubscription(step)
        }
        return .done
    }

    private mutating func changeSubscription(_ step: AccountStep) throws {
        guard case .schedule(let plan) = step else { return }
        try state.apply(at: now, free: Self.plans[0]) { [now] subscription throws(InvalidTransition) in
            try subscription.schedule(PendingChange(action: .change, plan: Self.plans[plan], cycle: Self.days, by: .system), at: now)
        }
    }

    private mutating func record(_ meter: Int, _ amount: Int64, enforce: Bool) throws -> AccountOutcome.Taken {
        let content = UsageContent(meter: Self.meters[meter], amount: amount)
        let settlement = try state.account.record(content, at: now, enforce: enforce, enforcement: enforcement)
        let parts = settlement.breakdown
        let taken = AccountOutcome.Taken(
            parts: [parts.fromSubscription, parts.fromRollover, parts.fromPurchased, parts.overflowToDebt], used: settlement.used,
            limit: settlement.limit.quantity, remaining: settlement.remaining, alerts: settlement.alerts.map { Int64($0.percent) })
        drawnFromPurchased[meter] += parts.fromPurchased
        events.append(Event(meter: meter, period: state.account.periodNumber, amount: amount, taken: taken))
        return taken
    }

    private mutating func purchase(_ meter: Int, _ amount: Int64) throws -> AccountOutcome {
        let content = MeteringTests.purchase(amount, of: Self.meters[meter])
        let made = try state.account.purchase(content, as: PurchaseID(stored: "p"), at: now, enforcement: enforcement)
        bought[meter] += amount
        return .bought(purchased: made.purchased, remaining: made.remaining)
    }

    private mutating func hold(_ id: Int, _ meter: Int, _ amount: Int64, _ seconds: Int64) throws -> AccountOutcome {
        let request = MeteringTests.hold(amount, of: Self.meters[meter], as: "r\(id)", seconds: seconds)
        let made = try state.account.hold(request, at: now, enforcement: enforcement)
        reservations[id] = made
        return .held(remaining: made.remaining)
    }

    private mutating func commit(_ id: Int, _ amount: Int64?, _ isFinal: Bool) throws -> AccountOutcome {
        guard let before = reservations[id], let meter = Self.meters.firstIndex(of: before.meter) else { return .done }
        var after = before
        let (used, commitment) = try after.commit(amount, isFinal: isFinal, as: EventID(stored: "e"), at: now)
        state.account.releaseHold(from: before, to: after)
        reservations[id] = after
        return .committed(try record(meter, used, enforce: false), isLate: commitment.isLate, held: commitment.held)
    }

    private mutating func move(_ id: Int, _ step: (inout Reservation) throws(ReservationRefusal) -> Void) throws {
        guard let before = reservations[id] else { return }
        var after = before
        try step(&after)
        state.account.releaseHold(from: before, to: after)
        reservations[id] = after
    }
}
