import Foundation
import Testing

@testable import Metering

/// Tables that a person can check, in `fixtures`.
private func fixture<Row: Decodable>(_ name: String, _ type: Row.Type = Row.self) throws -> [Row] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Row].self, from: Data(contentsOf: root.appendingPathComponent("fixtures/\(name)")))
}

@Suite struct WaterfallTableTests {
    struct Row: Decodable, Sendable, CustomTestStringConvertible {
        struct Takes: Decodable, Sendable { let fromSubscription, fromRollover, fromPurchased, overflowToDebt: Int64 }
        struct After: Decodable, Sendable {
            let used, rollover, purchased: Int64
            let remaining: Int64?
        }
        struct Refused: Decodable, Sendable { let available: Int64 }

        let name: String
        let limit: Int64?
        let used, rollover, purchased, reserved, amount: Int64
        let enforce: Bool
        let takes: Takes?
        let then: After?
        let refused: Refused?

        var testDescription: String { name }
    }

    @Test func `The table is there`() throws { #expect(try fixture("waterfall.json", Row.self).count >= 45) }

    @Test(arguments: try fixture("waterfall.json", Row.self))
    func `An event takes what the table says`(row: Row) throws {
        var account = account(plan("p", tokens: row.limit))
        account.meters = [
            MeterBalance(
                meter: .tokens, limit: Limit(row.limit), used: row.used, rollover: row.rollover, purchased: row.purchased,
                reserved: row.reserved)
        ]
        let before = account
        let check = account.tokens.explain(row.amount, standing: nil)
        do throws(UsageRefusal) {
            let settlement = try account.record(UsageContent(amount: row.amount), at: time("2026-11-10T12:00:00Z"), enforce: row.enforce)
            let (takes, then) = (row.takes, row.then)
            #expect(settlement.breakdown == takes?.breakdown)
            let balance = account.tokens
            #expect([balance.used, balance.rollover, balance.purchased] == then.map { [$0.used, $0.rollover, $0.purchased] })
            #expect(balance.remaining == then?.remaining && settlement.remaining == then?.remaining && balance.reserved == row.reserved)
            #expect(check.wouldTake == settlement.breakdown && (check.isAllowed || !row.enforce))
        } catch {
            let expected = UsageRefusal.limitExceeded(
                meter: .tokens, limit: row.limit ?? -1, current: row.used, requested: row.amount, available: row.refused?.available ?? -1)
            #expect(error == expected && account == before && !check.isAllowed && check.reason != nil)
        }
    }
}

extension WaterfallTableTests.Row.Takes {
    fileprivate var breakdown: Breakdown {
        Breakdown(
            fromSubscription: fromSubscription, fromRollover: fromRollover, fromPurchased: fromPurchased,
            overflowToDebt: overflowToDebt)
    }
}

@Suite struct LedgerStoryTests {
    struct Story: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let plan: Terms
        let steps: [Step]
        var testDescription: String { name }
    }

    struct Terms: Decodable, Sendable {
        let limit: Int64?
        let cap: Int64?
        var plan: Plan { MeteringTests.plan("p", tokens: limit, cap: cap) }
    }

    /// One of the verbs, with what it must give.
    struct Step: Decodable, Sendable {
        let record, purchase, wait, amount, seconds: Int64?
        let hold, commit, release, expire, enforcement: String?
        let close, enforce, final: Bool?
        let adopt: Terms?
        let gives: Gives?
    }

    struct Gives: Decodable, Sendable {
        let used, rollover, purchased, reserved, refused, held: Int64?
        /// Twice optional: null is unlimited, and nothing is not asked.
        let remaining: Int64??
        let takes, alerts: [Int64]?
        let late, refusedByState: Bool?

        enum Keys: String, CodingKey {
            case used, rollover, purchased, reserved, refused, held, remaining, takes, alerts, late, refusedByState
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            func number(_ key: Keys) throws -> Int64? { try values.decodeIfPresent(Int64.self, forKey: key) }
            (used, rollover, purchased) = (try number(.used), try number(.rollover), try number(.purchased))
            (reserved, refused, held) = (try number(.reserved), try number(.refused), try number(.held))
            remaining = values.contains(.remaining) ? .some(try number(.remaining)) : nil
            takes = try values.decodeIfPresent([Int64].self, forKey: .takes)
            alerts = try values.decodeIfPresent([Int64].self, forKey: .alerts)
            late = try values.decodeIfPresent(Bool.self, forKey: .late)
            refusedByState = try values.decodeIfPresent(Bool.self, forKey: .refusedByState)
        }
    }

    @Test(arguments: try fixture("ledger_stories.json", Story.self))
    func `A story goes as it is told`(story: Story) throws {
        var teller = StoryTeller(account: account(story.plan.plan))
        for (number, step) in story.steps.enumerated() {
            let outcome = try teller.perform(step)
            guard let gives = step.gives else { continue }
            #expect(outcome.differences(from: gives, teller.account.tokens) == [], "step \(number + 1)")
        }
    }
}

/// What a step gave.
private struct StoryOutcome {
    var settlement: Settlement?
    var commitment: Commitment?
    var refused: Int64?
    var isRefusedByState = false
    /// What the answer says is left, if there is one.
    var answered: Int64??

    func differences(from gives: LedgerStoryTests.Gives, _ balance: MeterBalance) -> [String] {
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

private struct StoryTeller {
    var account: Account
    private var holds: [String: Reservation] = [:]
    private var now = time("2026-11-10T12:00:00Z")
    private var enforcement = Enforcement.on

    init(account: Account) { self.account = account }

    mutating func perform(_ step: LedgerStoryTests.Step) throws -> StoryOutcome {
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

    private mutating func perform(_ step: LedgerStoryTests.Step, _ outcome: inout StoryOutcome) throws {
        if let amount = step.record {
            let settlement = try record(amount, enforce: step.enforce ?? false)
            (outcome.settlement, outcome.answered) = (settlement, .some(settlement.remaining))
        }
        if let amount = step.purchase {
            let content = PurchaseContent(user: account.user, meter: .tokens, amount: amount)
            _ = try account.purchase(content, as: PurchaseID(stored: "p"), at: now, enforcement: enforcement)
        }
        if let id = step.hold, let amount = step.amount {
            let request = ReservationRequest(
                id: ReservationID(stored: id), user: account.user, meter: .tokens, amount: amount, seconds: step.seconds ?? 900)
            let made = try account.hold(request, at: now, enforcement: enforcement)
            (holds[id], outcome.answered) = (made, .some(made.remaining))
        }
        if let id = step.commit {
            let (amount, commitment) = try move(id) { [now] hold throws(ReservationRefusal) in
                try hold.commit(step.amount, isFinal: step.final ?? true, as: EventID(stored: id), at: now)
            }
            (outcome.commitment, outcome.settlement) = (commitment, try record(amount, enforce: false))
        }
        if let id = step.release { try move(id) { hold throws(ReservationRefusal) in try hold.release() } }
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
        account.free(from: before, to: after)
        holds[id] = after
        return result
    }
}
