import Testing

@testable import Metering

@Suite struct RecordingTests {
    let now = time("2026-11-10T12:00:00Z")

    @Test func `An event is taken from its meter and counted on its day`() throws {
        var account = account(plan("basic", tokens: 1_000))
        let settlement = try account.record(UsageContent(amount: 120), at: now, enforce: false)
        #expect((settlement.used, settlement.limit, settlement.remaining) == (120, .of(1_000), 880))
        _ = try account.record(UsageContent(amount: 30), at: now.adding(milliseconds: 5), enforce: false)
        #expect(account.daily.map(\.day.iso) == ["2026-11-10"])
        #expect(account.daily[0].totals == Totals(tokens: 150, queries: 2, peak: 120))
        #expect(account.daily[0].totals.average == 75)
        #expect(account.lifetime == Totals(tokens: 150, queries: 2, peak: 120))
    }

    @Test func `A late event counts on its own day within the period, else on the period's first`() throws {
        var account = account(plan("basic", tokens: 1_000))
        for day in ["2026-11-12", "2026-11-03", "2026-10-30", "2026-11-05", "2026-11-03"] {
            _ = try account.record(UsageContent(amount: 1), at: time(day + "T08:00:00Z"), enforce: false)
        }
        #expect(account.daily.map(\.day.iso) == ["2026-11-01", "2026-11-03", "2026-11-05", "2026-11-12"])
        #expect(account.daily.map(\.totals.tokens) == [1, 2, 1, 1])
    }

    @Test func `An enforced event with too little left is refused whole and changes nothing`() throws {
        var account = account(plan("basic", tokens: 100))
        _ = try account.record(UsageContent(amount: 90), at: now, enforce: true)
        let before = account
        #expect(throws: UsageRefusal.limitExceeded(meter: .tokens, limit: 100, current: 90, requested: 11, available: 10)) {
            try account.record(UsageContent(amount: 11), at: now, enforce: true)
        }
        #expect(account == before)
        _ = try account.record(UsageContent(amount: 10), at: now, enforce: true)
        #expect(account.tokens.remaining == 0)
    }

    @Test func `A meter that the plan does not name has nothing, a plain one has no limit`() throws {
        let pages = Meter(stored: "pages")
        let calls = Meter(stored: "calls")
        var account = account(plan("basic", tokens: 100, plain: [pages]))
        _ = try account.record(UsageContent(meter: pages, amount: 5_000), at: now, enforce: true)
        #expect(account.balance(of: pages).used == 5_000)
        #expect(throws: UsageRefusal.self) { try account.record(UsageContent(meter: calls, amount: 1), at: now, enforce: true) }
        let settlement = try account.record(UsageContent(meter: calls, amount: 4), at: now, enforce: false)
        #expect(settlement.breakdown.overflowToDebt == 4)
        #expect(account.daily.isEmpty, "only tokens are counted by day")
    }

    @Test func `A client's names of meters have a bound`() throws {
        var account = account(plan("basic", tokens: 100))
        for index in 1..<Account.maximumMeters {
            _ = try account.record(UsageContent(meter: Meter(stored: "m\(index)"), amount: 1), at: now, enforce: false)
        }
        #expect(throws: UsageRefusal.tooManyMeters) {
            try account.record(UsageContent(meter: Meter(stored: "more"), amount: 1), at: now, enforce: false)
        }
        _ = try account.record(UsageContent(meter: Meter(stored: "m1"), amount: 1), at: now, enforce: false)
    }

    @Test func `A total that would pass 2^53 − 1 is refused`() throws {
        var account = account(plan("huge", tokens: nil))
        _ = try account.record(UsageContent(amount: .largest), at: now, enforce: false)
        #expect(throws: UsageRefusal.totalTooLarge) { try account.record(UsageContent(amount: 1), at: now, enforce: false) }
        var debtor = self.indebted(limit: 0, rollover: -Quantity.largest)
        #expect(throws: UsageRefusal.totalTooLarge) { try debtor.record(UsageContent(amount: 1), at: now, enforce: false) }
    }

    @Test func `Crossing a threshold is reported once in a period, each by the write that crossed it`() throws {
        var account = account(plan("basic", tokens: 100))
        func crossed(by amount: Quantity) throws -> [Int] {
            try account.record(UsageContent(amount: amount), at: now, enforce: false).alerts.map(\.percent)
        }
        #expect(try crossed(by: 49) == [])
        #expect(try crossed(by: 1) == [50])
        #expect(try crossed(by: 29) == [75])
        #expect(try crossed(by: 16) == [80, 90])
        #expect(try crossed(by: 100) == [100])
        #expect(try crossed(by: 100) == [])
        account.close(at: account.period.end, opening: .calendarMonth(of: account.period.end))
        #expect(try crossed(by: 60) == [50])
    }

    private func indebted(limit: Quantity, rollover: Quantity) -> Account {
        Account(
            user: user, plan: .free, period: .calendarMonth(of: now),
            meters: [MeterBalance(meter: .tokens, limit: .of(limit), rollover: rollover)])
    }
}
