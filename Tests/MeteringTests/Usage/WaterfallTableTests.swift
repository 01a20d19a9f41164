import Testing

@testable import Metering

@Suite struct WaterfallTableTests {
    struct Row: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let balance: Balance
        let `do`: Action
        let gives: Gives?
        let refused: Refused?
        var testDescription: String { name }
    }

    struct Balance: Decodable, Sendable {
        let limit, rolloverCap: Int64?
        let used, rollover, purchased, reserved: Int64
        let plain: Bool?

        var balance: MeterBalance {
            MeterBalance(
                meter: .tokens, limit: Limit(limit), rolloverCap: rolloverCap, isPlain: plain ?? false, used: used, rollover: rollover,
                purchased: purchased, reserved: reserved)
        }
    }

    /// One of the verbs.
    struct Action: Decodable, Sendable {
        let record, hold, purchase: Int64?
        let enforce, close: Bool?
        let enforcement: String?

        /// Nil where `enforcement` is neither `on` nor `off`.
        var lifting: Enforcement? { Enforcement(rawValue: enforcement ?? "on") }
    }

    struct Gives: Decodable, Sendable {
        let breakdown: Parts?
        let used, rollover, purchased, reserved: Int64
        let remaining: Int64?
    }

    struct Parts: Decodable, Sendable {
        let fromSubscription, fromRollover, fromPurchased, overflowToDebt: Int64

        var breakdown: Breakdown {
            Breakdown(
                fromSubscription: fromSubscription, fromRollover: fromRollover, fromPurchased: fromPurchased,
                overflowToDebt: overflowToDebt)
        }
    }

    struct Refused: Decodable, Sendable { let available: Int64 }

    private static func rows() throws -> [Row] {
        try fixture(
            "waterfall.json",
            words: [
                "name", "balance", "limit", "rollover_cap", "used", "rollover", "purchased", "reserved", "plain", "do", "record", "hold",
                "purchase", "enforce", "close", "enforcement", "gives", "breakdown", "remaining", "from_subscription", "from_rollover",
                "from_purchased", "overflow_to_debt", "refused", "available",
            ])
    }

    private let now = time("2026-11-10T12:00:00Z")

    @Test func `The table is there, each row with a name of its own`() throws {
        let names = try Self.rows().map(\.name)
        #expect(names.count >= 60 && Set(names).count == names.count)
    }

    @Test(arguments: try Self.rows())
    func `What is done gives what the table says`(row: Row) throws {
        let enforcement = try #require(row.do.lifting)
        var account = account(plan("p", tokens: row.balance.limit))
        account.meters = [row.balance.balance]
        let before = account
        do {
            let (breakdown, answered) = try perform(row.do, on: &account, enforcement)
            let gives = try #require(row.gives)
            let balance = account.tokens.under(enforcement)
            #expect(breakdown == gives.breakdown?.breakdown)
            #expect(
                [balance.used, balance.rollover, balance.purchased, balance.reserved]
                    == [gives.used, gives.rollover, gives.purchased, gives.reserved])
            #expect(balance.remaining == gives.remaining && answered == gives.remaining)
        } catch let refusal as UsageRefusal {
            #expect(account == before)
            let available = try #require(row.refused).available
            let expected = UsageRefusal.limitExceeded(
                meter: .tokens, limit: row.balance.limit ?? -1, current: row.balance.used, requested: row.do.record ?? row.do.hold ?? -1,
                available: available)
            #expect(refusal == expected)
        }
    }

    @Test(arguments: try Self.rows().filter { $0.do.record != nil })
    func `A check foretells what recording does`(row: Row) throws {
        let check = row.balance.balance.under(try #require(row.do.lifting)).explain(row.do.record ?? 0, status: nil)
        if let breakdown = row.gives?.breakdown?.breakdown { #expect(check.wouldTake == breakdown) }
        if row.do.enforce == true { #expect(check.isAllowed == (row.refused == nil)) }
        #expect((check.reason == nil) == check.isAllowed)
    }

    /// The breakdown, for an event, and what the answer says remains.
    private func perform(
        _ action: Action, on account: inout Account, _ enforcement: Enforcement
    ) throws(UsageRefusal) -> (Breakdown?, Int64?) {
        if let amount = action.record {
            let settlement = try account.record(
                UsageContent(amount: amount), at: now, enforce: action.enforce ?? false, enforcement: enforcement)
            return (settlement.breakdown, settlement.remaining)
        }
        if let amount = action.hold {
            return (nil, try account.hold(hold(amount), at: now, enforcement: enforcement).remaining)
        }
        if let amount = action.purchase {
            return (nil, try account.purchase(purchase(amount), as: PurchaseID(stored: "p"), at: now, enforcement: enforcement).remaining)
        }
        #expect(action.close == true)
        account.close(at: now, opening: account.period)
        return (nil, account.tokens.remaining)
    }
}
