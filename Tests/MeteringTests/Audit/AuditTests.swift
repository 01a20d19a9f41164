import Testing

@testable import Metering

@Suite struct AuditTests {
    @Test func `An account that followed the rules is what its log says`() throws {
        let audited = try AuditedAccount.lived()
        #expect(audited.differences == [])
        #expect(audited.account.tokens.rollover == -50 && audited.account.tokens.purchased == 70 && audited.log.closes.count == 2)
    }

    @Test(arguments: Damage.all)
    fileprivate func `Each damage is told, and nothing that is right`(damage: Damage) throws {
        var audited = try AuditedAccount.lived()
        damage.body(&audited)
        #expect(audited.differences.map(\.field) == damage.fields)
    }

    @Test func `A difference says what the log makes of it, and what is there`() throws {
        var audited = try AuditedAccount.lived()
        audited.account.meters[0].rollover = -51
        #expect(audited.differences == [AuditDifference("tokens.rollover", expected: "-50", actual: "-51")])
        audited.account.meters[0].rollover = -50
        audited.log.purchased[Meter(stored: "pages")] = 3
        #expect(audited.differences == [AuditDifference("pages.purchased", expected: "3", actual: "0")])
    }

    @Test func `A log without an account is told by what it holds`() throws {
        let log = try AuditedAccount.lived().log
        let expected = "one for its events, closed periods, purchases, holds"
        #expect(log.differences(from: nil) == [AuditDifference("account", expected: expected, actual: "none")])
        var purchase = AccountLog()
        purchase.purchased[.tokens] = 1
        #expect(purchase.differences(from: nil).map(\.expected) == ["one for its purchases"])
    }

    @Test func `A document that cannot be read is told instead of what would be made of it`() throws {
        var audited = try AuditedAccount.lived()
        audited.log.unreadable = "meter is missing"
        audited.account.meters[0].used = 0
        #expect(audited.differences.map(\.actual) == ["meter is missing"])
        #expect(audited.log.differences(from: nil).map(\.field) == ["stored document"])
    }

    @Test func `What was bought and used again and again may sum up beyond any quantity`() throws {
        var audited = try AuditedAccount.lived()
        let all = Int128(Quantity.largest) * 5_000
        let meter = Meter(stored: "pages")
        audited.account.meters.append(MeterBalance(meter: meter, limit: .of(0), purchased: 7))
        audited.log.purchased[meter] = all + 7
        let tally = AccountLog.Tally(amount: all, count: 5_000, peak: Quantity.largest)
        audited.log.events[.init(meter, in: 3)] = AccountLog.Sums(tally: tally, fromPurchased: all)
        #expect(audited.differences == [])
    }

    @Test(arguments: [Quantity.min, -1, Quantity.max])
    func `Numbers that cannot be are differences, whatever computing with them would do`(number: Quantity) throws {
        var audited = try AuditedAccount.lived()
        audited.changeClose(1) { $0.used = number }
        #expect(audited.differences.first?.field == "period 2 tokens.used")
        audited = try .lived()
        audited.changeClose(1) { $0.rollover = number }
        #expect(audited.differences.first?.field == "period 2 tokens.rollover")
        audited = try .lived()
        audited.account.periodNumber = number
        audited.account.meters[0].rollover = number
        #expect(audited.differences.map(\.field).contains("period_number"))
    }
}

/// A damage to an account or its log, with the fields that an audit is to name.
private struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fields: [String]
    let body: @Sendable (inout AuditedAccount) -> Void

    init(_ name: String, _ fields: [String], _ body: @escaping @Sendable (inout AuditedAccount) -> Void) {
        (self.testDescription, self.fields, self.body) = (name, fields, body)
    }

    static var all: [Damage] { ofAccounts + ofPeriods + ofLogs }

    static let ofAccounts = [
        Damage("used", ["tokens.used"]) { $0.account.meters[0].used += 1 },
        Damage("rollover", ["tokens.rollover"]) { $0.account.meters[0].rollover += 1 },
        Damage("purchased", ["tokens.purchased"]) { $0.account.meters[0].purchased -= 1 },
        Damage("reserved", ["tokens.reserved"]) { $0.account.meters[0].reserved = 0 },
        Damage("another meter", ["calls.rollover"]) { $0.account.meters[1].rollover += 1 },
        Damage("a meter is gone", ["calls.rollover"]) { $0.account.meters.remove(at: 1) },
        Damage("lifetime", ["total_tokens", "total_queries", "peak_tokens"]) { $0.account.lifetime = Totals() },
        Damage("a day", ["daily_usage 2026-11-22 tokens"]) { $0.account.daily[0].totals.tokens += 1 },
        Damage("no days", Self.dayFields(22)) { $0.account.daily = [] },
        Damage("a day too many", Self.dayFields(23)) {
            $0.account.daily.append(DailyUsage(day: time("2026-11-23T00:00:00Z").day, totals: Totals(tokens: 1, queries: 1, peak: 1)))
        },
        Damage("period number", ["period_number", "tokens.used"]) { $0.account.periodNumber += 1 },
        Damage("a summary is gone", ["monthly_summary"]) { $0.account.summaries.removeFirst() },
        Damage("a summary is another's", ["monthly_summary of period 2"]) { $0.account.summaries[1] = $0.account.summaries[0] },
    ]

    static let ofPeriods = [
        Damage("used at a close", ["period 1 tokens.used", "period 1 tokens.carried_over"]) { $0.changeClose(0) { $0.used += 1 } },
        Damage("rollover at a close", ["period 2 tokens.rollover", "period 2 tokens.carried_over"]) {
            $0.changeClose(1) { $0.rollover += 1 }
        },
        Damage("a cap at a close", ["period 1 tokens.carried_over"]) { $0.changeClose(0) { $0.rolloverCap = 99 } },
        Damage("a meter is gone from a close", ["period 1 tokens.used", "period 1 tokens.carried_over"]) {
            $0.replaceClose(0, balances: Array($0.log.closes[0].balances.dropFirst()))
        },
        Damage("the last close is gone", ["period_number", "tokens.rollover", "monthly_summary"]) { $0.log.closes.removeLast() },
        Damage("the first close is gone", ["closed period", "period 2 calls.rollover", "period 2 tokens.rollover", "monthly_summary"]) {
            $0.log.closes.removeFirst()
        },
    ]

    private static let oneMore = AccountLog.Sums(tally: AccountLog.Tally(amount: 1))

    static let ofLogs = [
        Damage("events are gone", ["tokens.used", "total_tokens", "total_queries"]) { $0.log.events[.init(.tokens, in: 3)] = nil },
        Damage("events of a period that is not there", ["period 9 calls events"]) {
            $0.log.events[.init(Meter(stored: "calls"), in: 9)] = AccountLog.Sums(tally: AccountLog.Tally(count: 1))
        },
        Damage("an amount", ["tokens breakdown of events", "total_tokens"]) { $0.log.events[.init(.tokens, in: 3)]?.add(oneMore) },
        Damage("an amount of a closed period", ["period 1 tokens breakdown of events", "period 1 summary tokens", "total_tokens"]) {
            $0.log.events[.init(.tokens, in: 1)]?.add(oneMore)
        },
        Damage("from purchases", ["tokens breakdown of events", "tokens.purchased"]) {
            $0.log.events[.init(.tokens, in: 3)]?.fromPurchased += 1
        },
        Damage("a purchase", ["tokens.purchased"]) { $0.log.purchased[.tokens]? += 1 },
        Damage("a hold", ["tokens.reserved"]) { $0.log.held[.tokens] = nil },
        Damage("days", ["daily_usage 2026-11-22 queries"]) { $0.log.days[time("2026-11-22T00:00:00Z").day]?.count += 1 },
    ]

    private static func dayFields(_ day: Int) -> [String] {
        ["tokens", "queries", "peak_tokens"].map { "daily_usage 2026-11-\(day) \($0)" }
    }
}

/// An account with the log that was written beside it.
private struct AuditedAccount {
    var account: Account
    var log = AccountLog()

    var differences: [AuditDifference] { log.differences(from: account) }

    /// An account in its third period: in the first a part of the limit was left; in the second use went through rollover and purchases
    /// into debt; the third has just begun.
    static func lived() throws -> AuditedAccount {
        var audited = AuditedAccount(account: Metering.Account.opened(for: user, free: basic, at: start))
        try audited.record(900)
        try audited.record(5, Meter(stored: "calls"))
        audited.close(days: 10)
        try audited.purchase(300)
        for amount: Quantity in [1_000, 400, 50] { try audited.record(amount) }
        audited.close(days: 20)
        try audited.record(20)
        try audited.purchase(70)
        audited.log.held[.tokens] = Int128(try audited.account.hold(hold(40, seconds: 60), at: start).held)
        return audited
    }

    private static let start = time("2026-11-02T12:00:00Z")
    private static let basic = plan("basic", tokens: 1_000, cap: 500)

    private mutating func record(_ amount: Quantity, _ meter: Meter = .tokens) throws {
        let at = Self.start.adding(days: 10 * Int(account.periodNumber - 1))
        let parts = try account.record(UsageContent(meter: meter, amount: amount), at: at, enforce: false).breakdown
        let tally = AccountLog.Tally(amount: Int128(amount), count: 1, peak: amount)
        let counted = AccountLog.MeterPeriod(meter, in: account.periodNumber)
        log.events[counted, default: AccountLog.Sums()].add(
            AccountLog.Sums(
                tally: tally, fromSubscription: Int128(parts.fromSubscription),
                fromRolloverAndDebt: Int128(parts.fromRollover + parts.overflowToDebt), fromPurchased: Int128(parts.fromPurchased)))
        if meter == .tokens { log.days[account.countingDay(of: at), default: AccountLog.Tally()].add(tally) }
    }

    private mutating func purchase(_ amount: Quantity) throws {
        let content = MeteringTests.purchase(amount)
        _ = try account.purchase(content, as: PurchaseID(stored: "p\(amount)"), at: Self.start)
        log.purchased[.tokens, default: 0] += Int128(amount)
    }

    private mutating func close(days: Int) {
        let end = Self.start.adding(days: days)
        account.close(at: end, opening: Period(start: end, end: end.adding(days: 10)))
        log.closes = account.closed
        log.days = [:]
    }

    /// Changes the balance of tokens with which the period was closed.
    mutating func changeClose(_ index: Int, _ body: (inout MeterBalance) -> Void) {
        var balances = log.closes[index].balances
        body(&balances[0])
        replaceClose(index, balances: balances)
    }

    mutating func replaceClose(_ index: Int, balances: [MeterBalance]) {
        let close = log.closes[index]
        log.closes[index] = ClosedPeriod(number: close.number, summary: close.summary, balances: balances)
    }
}
