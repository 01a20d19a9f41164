import Support
import Testing

@testable import Metering

/// What changes and the ends of periods bill. November 10 to December 10 are 30 days.
@Suite struct SubscriptionBillingTests {
    private static let start = time("2026-11-10T12:00:00Z")
    private static let free = plan("free", tokens: 100)
    private static let basic = plan("basic", tokens: 1_000, fee: "9.00")
    private static let pro = plan("pro", tokens: 4_000, fee: "29.00")

    private func subscribed(to plan: Plan, cycle: BillingCycle = .monthly) -> BillingState {
        var state = BillingState(account: account(Self.free, at: Self.start), subscription: nil)
        state.start(subscription(plan, cycle: cycle, at: Self.start), at: Self.start, free: Self.free)
        return state
    }

    private func day(_ days: Int) -> Timestamp { Self.start.adding(days: days) }

    @Test func `Each closed period is billed once, at its own dates`() {
        var subject = subscribed(to: Self.pro)
        _ = subject.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.periodNumber) == [2, 3, 4] && subject.bills.allSatisfy { $0.kind == .period })
        #expect(subject.bills.map(\.total.text) == ["29.00", "29.00", "29.00"])
        #expect(subject.bills.map(\.lines[0].period) == subject.account.summaries.suffix(3).map(\.period))
        _ = subject.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.count == 3)
    }

    @Test(
        arguments: [
            ("free", BillingCycle.monthly, 0, []), ("basic", .yearly, 0, ["108.00"]), ("own", .yearly, 0, ["90.00"]),
            ("own", .days(366), 0, ["109.80"]), ("own", .days(10), 0, ["3.00"]), ("basic", .monthly, 14, []),
        ] as [(String, BillingCycle, Int, [String])])
    func `A period costs what was agreed for its cycle, and a trial nothing`(
        name: String, cycle: BillingCycle, trial: Int, expected: [String]
    ) {
        var terms = plan(name, tokens: 10, fee: name == "free" ? "0" : "9.00", trialDays: trial)
        if name == "own" { terms.yearlyFee = Money("90.00") }
        var subject = subscribed(to: terms, cycle: cycle)
        _ = subject.closeDuePeriods(at: subject.account.period.end, free: Self.free)
        #expect(subject.bills.map(\.total.text) == expected)
    }

    @Test func `After a trial the first paid period is billed at its end`() {
        var terms = Self.pro
        terms.trialDays = 7
        var subject = subscribed(to: terms)
        _ = subject.closeDuePeriods(at: time("2026-12-17T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["29.00"])
        #expect(subject.bills[0].lines[0].period.start == day(7))
    }

    @Test func `An upgrade is billed at once for the rest of the period, which costs the old fee at its end`() throws {
        var subject = subscribed(to: Self.basic)
        try subject.change(to: Self.pro, action: .upgrade, cycle: .monthly, by: .system, at: day(10), free: Self.free)
        let bill = try #require(subject.bills.first)
        #expect((bill.kind, bill.total.text, bill.plan) == (.change, "13.33", Self.pro.name))
        #expect(bill.lines.map(\.kind) == [.credit, .fee] && bill.lines.map(\.amount.text) == ["-6.00", "19.33"])
        #expect(bill.lines.allSatisfy { $0.period == Period(start: day(10), end: day(30)) })
        _ = subject.closeDuePeriods(at: time("2027-01-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["13.33", "9.00", "29.00"])
    }

    @Test func `A downgrade of what is not billed yet makes the period's bill less, and no credit`() throws {
        var subject = subscribed(to: Self.pro)
        try subject.change(to: Self.basic, action: .downgrade, cycle: .monthly, by: .system, at: day(0), free: Self.free)
        #expect(subject.outcomes.isEmpty && subject.subscription?.creditBalance == .zero)
        _ = subject.closeDuePeriods(at: time("2027-01-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["9.00", "9.00"] && subject.subscription?.creditBalance == .zero)
        #expect(subject.bills[0].lines.map(\.amount.text) == ["29.00", "-20.00"])
    }

    @Test func `Credit of more than an invoice is left for the next`() {
        var subject = subscribed(to: Self.basic)
        subject.subscription?.creditBalance = Money("20.00") ?? .zero
        _ = subject.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["0.00", "0.00", "7.00"] && subject.subscription?.creditBalance == .zero)
    }

    @Test func `A period cut short is billed for what there was of it, once`() throws {
        var subject = subscribed(to: Self.pro)
        try subject.reset(at: day(10), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["9.67"])
        #expect(subject.bills[0].lines.map(\.amount.text) == ["29.00", "-19.33"])
        try subject.cancel(at: day(25))
        #expect(subject.bills.map(\.total.text) == ["9.67", "14.50"] && subject.bills[1].periodNumber == 3)
        _ = subject.closeDuePeriods(at: day(400), free: Self.free)
        #expect(subject.bills.count == 2)
    }

    @Test func `Where the rest of a period that was paid for at once is worth more than its fee, the difference is kept`() throws {
        var subject = subscribed(to: Self.basic)
        try subject.change(to: Self.pro, action: .upgrade, cycle: .monthly, by: .system, at: day(3), free: Self.free)
        try subject.reset(at: day(6), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["18.00"])
        #expect(subject.subscription?.creditBalance.text == "14.20", "three days of each plan cost 3.80")
    }

    @Test func `Changes in a trial, of one fee or in the last millisecond make nothing`() throws {
        var trial = Self.basic
        trial.trialDays = 10
        var subject = subscribed(to: trial)
        try subject.change(to: Self.pro, action: .upgrade, cycle: .monthly, by: .system, at: day(5), free: Self.free)
        #expect(subject.outcomes.isEmpty)
        subject = subscribed(to: Self.basic)
        var same = Self.pro
        same.monthlyFee = Self.basic.monthlyFee
        try subject.change(to: same, action: .change, cycle: .monthly, by: .system, at: day(5), free: Self.free)
        let last = subject.account.period.end.adding(milliseconds: -1)
        try subject.change(to: Self.pro, action: .upgrade, cycle: .monthly, by: .system, at: last, free: Self.free)
        #expect(subject.outcomes.isEmpty)
    }

    @Test func `A suspension gives the rest of its period back, and costs nothing while it lasts, whatever changes in it`() throws {
        var subject = subscribed(to: Self.basic)
        try subject.suspend(at: day(10))
        #expect(subject.outcomes.isEmpty, "nothing was paid yet: the bill of the period is less")
        try subject.change(to: Self.pro, action: .upgrade, cycle: .monthly, by: .system, at: day(11), free: Self.free)
        _ = subject.closeDuePeriods(at: day(90), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["3.00"] && subject.subscription?.creditBalance == .zero)
        #expect(subject.bills[0].lines.map(\.amount.text) == ["9.00", "-6.00"])
    }

    @Test func `The end of a suspension bills what is left of the period, at once`() throws {
        var subject = subscribed(to: Self.pro)
        try subject.suspend(at: day(10))
        try subject.resume(at: day(20))
        #expect(subject.bills.map(\.total.text) == ["9.66"] && subject.subscription?.creditBalance == .zero)
        #expect(subject.bills[0].kind == .change && subject.bills[0].lines[0].period == Period(start: day(20), end: day(30)))
        _ = subject.closeDuePeriods(at: day(30), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["9.66", "9.67"])
        try subject.suspend(at: day(30))
        _ = subject.closeDuePeriods(at: time("2027-01-10T12:00:00Z"), free: Self.free)
        try subject.resume(at: time("2027-01-26T00:00:00Z"))
        _ = subject.closeDuePeriods(at: time("2027-02-10T12:00:00Z"), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["9.66", "9.67", "14.50"])
    }

    @Test func `One that is canceled while it is suspended owes what was before the suspension`() throws {
        var subject = subscribed(to: Self.basic)
        try subject.suspend(at: day(10))
        try subject.cancel(at: day(20))
        _ = subject.closeDuePeriods(at: day(400), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["3.00"] && subject.subscription?.creditBalance == .zero)
    }

    @Test func `A renewal or another cycle bills the period that it ends, and nothing beside it`() throws {
        var subject = subscribed(to: Self.basic)
        try subject.change(to: Self.pro, action: .renew, cycle: .monthly, by: .system, at: day(15), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["4.50"] && subject.bills[0].plan == Self.basic.name)
        try subject.change(to: Self.pro, action: .change, cycle: .yearly, by: .system, at: day(15), free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["4.50"], "a bill of nothing is not made")
        _ = subject.closeDuePeriods(at: subject.account.period.end, free: Self.free)
        #expect(subject.bills.map(\.total.text) == ["4.50", "348.00"])
    }

    @Test func `Whatever changed when, all of it together is the fees weighted by time`() throws {
        var random = SplitMix(seed: 7)
        let plans = [Self.free, Self.basic, Self.pro, plan("max", tokens: 9, fee: "123.45")]
        for _ in 0..<300 {
            var (plan, at, expected) = (plans[Int.random(in: 0..<4, using: &random)], Self.start, Money.zero)
            var (subject, fee) = (subscribed(to: plan), plan.monthlyFee)
            let period = subject.account.period
            let cuts = Bool.random(using: &random)
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let next = Timestamp(milliseconds: Int64.random(in: at.milliseconds..<period.end.milliseconds, using: &random))
                expected = expected + period.exactCost(from: at, to: next, at: fee)
                at = next
                if Bool.random(using: &random) {
                    plan = plans[Int.random(in: 0..<4, using: &random)]
                    try subject.change(to: plan, action: .change, cycle: .monthly, by: .system, at: at, free: Self.free)
                } else if subject.subscription?.status == .suspended {
                    try subject.resume(at: at)
                } else {
                    try subject.suspend(at: at)
                }
                fee = subject.subscription?.status == .suspended ? .zero : plan.monthlyFee
            }
            if cuts, subject.subscription?.status == .suspended { try subject.resume(at: at) }
            if cuts { try subject.reset(at: at, free: Self.free) } else { _ = subject.closeDuePeriods(at: period.end, free: Self.free) }
            if !cuts { expected = expected + period.exactCost(from: at, to: period.end, at: fee) }
            let billed = subject.bills.reduce(Money.zero) { $0 + $1.total } - (subject.subscription?.creditBalance ?? .zero)
            let roundings = Money.cent * (2 * subject.outcomes.count + 2)
            #expect(billed - expected < roundings && expected - billed < roundings, "\(billed.text) is not \(expected.text)")
        }
    }

    @Test func `Credit goes over to the next subscription, survives one in another currency, and none is left behind`() {
        var (former, next) = (subscription(Self.pro), subscription(Self.basic))
        former.creditBalance = .cent
        var inDollars = Self.basic
        inDollars.currency = Currency(stored: "USD")
        var other = subscription(inDollars)
        other.takeCredit(from: &former)
        #expect(other.creditBalance == .zero && former.credit.isEmpty, "it is kept, in its own currency")
        next.takeCredit(from: &other)
        #expect(next.creditBalance == .cent && other.credit.isEmpty)
    }

    @Test func `While a period has a price, its currency stays`() {
        let dollars = Currency(stored: "USD")
        #expect(!subscription(Self.basic).accepts(dollars) && subscription(Self.basic).accepts(euro))
        var subject = subscription(Self.free)
        subject.creditBalance = .cent
        #expect(subject.accepts(dollars))
    }
}

extension Money {
    fileprivate static let cent = Money(units: unitsPerOne / 100)
}

extension Period {
    /// The part of the fee for the time from `from` to `to`, to 10⁻¹⁰ below.
    fileprivate func exactCost(from: Timestamp, to: Timestamp, at fee: Money) -> Money {
        Money(units: fee.units * Int128(to.since(from)) / Int128(length))
    }
}

extension BillingState {
    fileprivate mutating func suspend(at now: Timestamp) throws {
        try apply(at: now, free: plan("free", tokens: 100)) { step throws(InvalidTransition) in
            try step.suspend(reason: "r", by: .system, at: now)
        }
    }

    fileprivate mutating func cancel(at now: Timestamp) throws {
        try apply(at: now, free: plan("free", tokens: 100)) { step throws(InvalidTransition) in try step.cancel(.now, by: .system, at: now)
        }
    }

    fileprivate mutating func resume(at now: Timestamp) throws {
        try apply(at: now, free: plan("free", tokens: 100)) { step throws(InvalidTransition) in try step.resume(by: .system, at: now) }
    }

    fileprivate var bills: [Bill] { outcomes.compactMap(\.bill) }
}
