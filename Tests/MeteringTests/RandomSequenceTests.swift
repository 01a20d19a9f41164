import Testing

@testable import Metering

/// The code under test, driven by the same steps.
private struct TestedLedger {
    private(set) var account: Account
    private var reservations: [Int: Reservation] = [:]
    private var now = time("2026-11-10T12:00:00Z")
    private var enforcement = Enforcement.on
    /// Sums by what they are sums of, for the invariants.
    private(set) var drawn: [Int64] = Array(repeating: 0, count: ReferenceTerms.meters)
    private(set) var bought: [Int64] = Array(repeating: 0, count: ReferenceTerms.meters)

    static let meters = [Meter.tokens, Meter(stored: "api_calls")]

    init() {
        account = Account.opened(for: UserID(stored: "u"), free: Self.plan(0), at: now)
    }

    private static func plan(_ number: Int) -> Plan {
        let terms = ReferenceTerms.plans[number]
        return Plan(
            name: PlanName(stored: "p\(number)"), displayName: "P", monthlyFee: .zero, currency: Currency(stored: "EUR"),
            allowances: Dictionary(uniqueKeysWithValues: zip(meters, terms.map { Limit($0.limit) })),
            rolloverCaps: Dictionary(uniqueKeysWithValues: zip(meters, terms).compactMap { meter, terms in terms.cap.map { (meter, $0) } }))
    }

    var state: [Int64] {
        Self.meters.flatMap { meter in
            let balance = account.balance(of: meter)
            return [balance.used, balance.rollover, balance.purchased, balance.reserved]
        }
    }

    mutating func perform(_ step: LedgerStep) -> [Int64] {
        do {
            switch step {
            case .record(let meter, let amount, let enforce): return try record(meter, amount, enforce)
            case .purchase(let meter, let amount): return try purchase(meter, amount)
            case .hold(let id, let meter, let amount, let seconds): return try hold(id, meter, amount, seconds)
            case .commit(let id, let amount, let isFinal): return try commit(id, amount, isFinal)
            case .release(let id): try move(id) { reservation throws(ReservationRefusal) in try reservation.release() }
            case .wait(let seconds): now = now.adding(milliseconds: seconds * 1_000)
            case .expire(let id): try move(id) { [now] reservation throws(ReservationRefusal) in reservation.expire(at: now) }
            case .close: account.close(at: now, opening: account.period)
            case .adopt(let plan): account.adopt(Self.plan(plan), subscription: nil)
            case .enforcement(let isOn): enforcement = isOn ? .on : .off
            }
            return [0]
        } catch let refusal as UsageRefusal {
            guard case .limitExceeded(_, let limit, let current, let requested, let available) = refusal else { return [-9] }
            return [2, limit, current, requested, available]
        } catch {
            return [5]
        }
    }

    private mutating func record(_ meter: Int, _ amount: Int64, _ enforce: Bool) throws -> [Int64] {
        let content = UsageContent(meter: Self.meters[meter], amount: amount)
        let settlement = try account.record(content, at: now, enforce: enforce, enforcement: enforcement)
        let parts = settlement.breakdown
        drawn[meter] += parts.fromPurchased
        let taken = [parts.fromSubscription, parts.fromRollover, parts.fromPurchased, parts.overflowToDebt]
        return [1] + taken + [settlement.used, settlement.limit.quantity ?? -1, settlement.remaining ?? -1]
            + settlement.alerts.map { Int64($0.percent) }
    }

    private mutating func purchase(_ meter: Int, _ amount: Int64) throws -> [Int64] {
        let content = PurchaseContent(user: account.user, meter: Self.meters[meter], amount: amount)
        let made = try account.purchase(content, as: PurchaseID(stored: "p"), at: now, enforcement: enforcement)
        bought[meter] += amount
        return [6, made.purchased, made.remaining ?? -1]
    }

    private mutating func hold(_ id: Int, _ meter: Int, _ amount: Int64, _ seconds: Int64) throws -> [Int64] {
        let request = ReservationRequest(
            id: ReservationID(stored: "r\(id)"), user: account.user, meter: Self.meters[meter], amount: amount, seconds: seconds)
        let made = try account.hold(request, at: now, enforcement: enforcement)
        reservations[id] = made
        return [3, made.remaining ?? -1]
    }

    private mutating func commit(_ id: Int, _ amount: Int64?, _ isFinal: Bool) throws -> [Int64] {
        guard let before = reservations[id], let meter = Self.meters.firstIndex(of: before.meter) else { return [0] }
        var after = before
        let (used, commitment) = try after.commit(amount, isFinal: isFinal, as: EventID(stored: "e"), at: now)
        account.free(from: before, to: after)
        reservations[id] = after
        return [4, used, commitment.isLate ? 1 : 0, commitment.held] + (try record(meter, used, false))
    }

    private mutating func move(_ id: Int, _ step: (inout Reservation) throws(ReservationRefusal) -> Void) throws {
        guard let before = reservations[id] else { return }
        var after = before
        try step(&after)
        account.free(from: before, to: after)
        reservations[id] = after
    }
}

@Suite struct RandomSequenceTests {
    static let sequences: UInt64 = 12_000

    /// Divided among the cores.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `Random sequences end as the reference model says, after every step`(part: UInt64) {
        for seed in stride(from: part, to: Self.sequences, by: 4) {
            guard let failure = Self.failure(seed) else { continue }
            Issue.record("seed \(seed): \(failure)")
            return
        }
    }

    /// What went wrong, with the steps until then; nil when nothing did.
    private static func failure(_ seed: UInt64) -> String? {
        var random = SequenceRandom(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        var (tested, reference) = (TestedLedger(), ReferenceLedger())
        var steps: [LedgerStep] = []
        for number in 0..<(12 + random.below(18)) {
            let step = random.step(number)
            steps.append(step)
            let before = reference
            let (actual, expected) = (tested.perform(step), reference.perform(step))
            guard actual == expected, tested.state == reference.state else {
                return "\(steps)\nbefore \(before.state)\nexpected \(expected) \(reference.state)\nactual \(actual) \(tested.state)"
            }
            if let broken = invariant(step, actual, before: before, tested) { return "\(steps)\n\(broken)" }
        }
        return nil
    }

    private static func invariant(
        _ step: LedgerStep, _ outcome: [Int64], before: ReferenceLedger, _ tested: TestedLedger
    ) -> String? {
        for (meter, name) in TestedLedger.meters.enumerated() {
            let balance = tested.account.balance(of: name)
            if balance.purchased != tested.bought[meter] - tested.drawn[meter] {
                return "something but consumption moved what was purchased"
            }
            if balance.reserved < 0 || balance.used < 0 || balance.purchased < 0 { return "a balance is below 0" }
        }
        guard case .record(_, let amount, _) = step, outcome[0] == 1 else { return nil }
        return outcome[1...4].reduce(0, +) == amount ? nil : "the parts do not add up"
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
private struct SequenceRandom {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((bits ^ (bits >> 31)) % UInt64(bound))
    }

    mutating func step(_ number: Int) -> LedgerStep {
        let meter = below(ReferenceTerms.meters)
        switch below(20) {
        case 0...5: return .record(meter: meter, amount: Int64(below(30)), enforce: below(2) == 0)
        case 6, 7: return .purchase(meter: meter, amount: Int64(1 + below(20)))
        case 8...10: return .hold(id: number, meter: meter, amount: Int64(below(25)), seconds: Int64(1 + below(100)))
        case 11...13:
            return .commit(id: below(number + 1), amount: below(3) == 0 ? nil : Int64(below(30)), isFinal: below(2) == 0)
        case 14: return .release(id: below(number + 1))
        case 15: return .wait(seconds: Int64(below(80)))
        case 16: return .expire(id: below(number + 1))
        case 17: return .close
        case 18: return .adopt(plan: below(ReferenceTerms.plans.count))
        default: return .enforcement(isOn: below(3) > 0)
        }
    }
}
