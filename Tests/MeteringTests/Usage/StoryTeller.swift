import Testing

@testable import Metering

/// The outcome of a step.
struct StoryOutcome {
    var settlement: Settlement?
    var commitment: Commitment?
    var refused: Int64?
    var isRefusedByState = false
    /// What the answer says is left; nil for a step without an answer.
    var answered: Int64??

    func differences(from gives: AccountStoryTests.Gives, _ balance: MeterBalance) -> [String] {
        var wrong: [String] = []
        func compare<Value: Equatable>(_ name: String, _ expected: Value?, _ actual: Value?) {
            if let expected, expected != actual { wrong.append("\(name): expected \(expected), is \(actual.map { "\($0)" } ?? "nothing")") }
        }
        compare("used", gives.used, balance.used)
        compare("rollover", gives.rollover, balance.rollover)
        compare("purchased", gives.purchased, balance.purchased)
        compare("reserved", gives.reserved, balance.reserved)
        compare("refused", gives.refused, refused)
        if gives.refused == nil, refused != nil { wrong.append("refused") }
        compare("state", gives.refusedByState, isRefusedByState)
        compare("held", gives.held, commitment?.held)
        compare("late", gives.late, commitment?.isLate)
        compare(
            "takes", gives.takes,
            settlement.map(\.breakdown).map { [$0.fromSubscription, $0.fromRollover, $0.fromPurchased, $0.overflowToDebt] })
        compare("alerts", gives.alerts, settlement?.alerts.map { Int64($0.percent) })
        if let remaining = gives.remaining, remaining != (answered ?? balance.remaining) {
            wrong.append("remaining: expected \(remaining.map { "\($0)" } ?? "unlimited")")
        }
        return wrong
    }
}

/// Does the steps of a story to an account.
struct StoryTeller {
    var account: Account
    private var holds: [String: Reservation] = [:]
    private var now = time("2026-11-10T12:00:00Z")
    private var enforcement = Enforcement.on

    init(account: Account) { self.account = account }

    mutating func perform(_ step: AccountStoryTests.Step) throws -> StoryOutcome {
        var outcome = StoryOutcome()
        do {
            try perform(step, &outcome)
        } catch UsageRefusal.limitExceeded(_, _, _, _, let available) {
            outcome.refused = available
        } catch is ReservationRefusal {
            outcome.isRefusedByState = true
        }
        return outcome
    }

    private mutating func perform(_ step: AccountStoryTests.Step, _ outcome: inout StoryOutcome) throws {
        if let amount = step.record {
            let settlement = try record(amount, enforce: step.enforce ?? false)
            (outcome.settlement, outcome.answered) = (settlement, .some(settlement.remaining))
        }
        if let amount = step.purchase {
            _ = try account.purchase(purchase(amount), as: PurchaseID(stored: "p"), at: now, enforcement: enforcement)
        }
        if let id = step.hold, let amount = step.amount {
            let made = try account.hold(hold(amount, as: id, seconds: step.seconds ?? 900), at: now, enforcement: enforcement)
            (holds[id], outcome.answered) = (made, .some(made.remaining))
        }
        if let id = step.commit {
            let (amount, commitment) = try move(id) { [now] hold throws(ReservationRefusal) in
                try hold.commit(step.amount, isFinal: step.final ?? true, as: EventID(stored: id), at: now)
            }
            (outcome.commitment, outcome.settlement) = (commitment, try record(amount, enforce: false))
        }
        if let id = step.release { try move(id) { [now] hold throws(ReservationRefusal) in try hold.release(at: now) } }
        if let id = step.expire { try move(id) { [now] hold throws(ReservationRefusal) in hold.expire(at: now) } }
        if step.close == true { account.close(at: now, opening: account.period) }
        if let terms = step.adopt { account.adopt(terms.plan, subscription: nil) }
        if let seconds = step.wait { now = now.adding(milliseconds: seconds * 1_000) }
        if let name = step.enforcement { enforcement = try #require(Enforcement(rawValue: name)) }
    }

    private mutating func record(_ amount: Int64, enforce: Bool) throws -> Settlement {
        try account.record(UsageContent(amount: amount), at: now, enforce: enforce, enforcement: enforcement)
    }

    private mutating func move<Result>(
        _ id: String, _ step: (inout Reservation) throws(ReservationRefusal) -> Result
    ) throws -> Result {
        let before = try #require(holds[id])
        var after = before
        let result = try step(&after)
        account.releaseHold(from: before, to: after)
        holds[id] = after
        return result
    }
}
