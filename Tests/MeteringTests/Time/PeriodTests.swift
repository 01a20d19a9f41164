import Testing

@testable import Metering

@Suite struct PeriodTests {
    @Test(arguments: [
        ("monthly", "2026-01-31T10:00:00Z", ["2026-02-28T10:00", "2026-03-31T10:00", "2026-04-30T10:00", "2026-05-31T10:00"]),
        ("monthly", "2024-01-30T00:00:00Z", ["2024-02-29T00:00", "2024-03-30T00:00"]),
        ("monthly", "2026-12-15T23:59:59Z", ["2027-01-15T23:59", "2027-02-15T23:59"]),
        ("yearly", "2024-02-29T08:00:00Z", ["2025-02-28T08:00", "2026-02-28T08:00", "2027-02-28T08:00", "2028-02-29T08:00"]),
        ("days:7", "2026-12-28T00:00:00Z", ["2027-01-04T00:00", "2027-01-11T00:00"]),
    ])
    func `Each period starts where the last one ended, counted from the anchor`(text: String, anchor: String, ends: [String]) throws {
        let cycle = try #require(BillingCycle(text))
        let anchor = time(anchor)
        var start = anchor
        for end in ends {
            let period = cycle.period(from: start, anchor: anchor)
            #expect(period.start == start)
            #expect(period.end.rfc3339.hasPrefix(end))
            start = period.end
        }
    }

    @Test func `Ten years of every anchor day have 120 months without a gap, on the anchor's day where the month has it`() {
        for offset in 0..<366 {
            let anchor = CivilDay(number: 19_723 + offset).start.adding(milliseconds: 3_661_007)
            var start = anchor
            for index in 1...120 {
                let period = BillingCycle.monthly.period(from: start, anchor: anchor)
                let month = anchor.day.adding(months: index)
                #expect(period.start == start && period.end.day == month && period.end.timeOfDay == 3_661_007)
                start = period.end
            }
        }
    }

    @Test func `A start between two boundaries gets the rest up to the next`() {
        let period = BillingCycle.monthly.period(from: time("2026-11-21T02:00:00Z"), anchor: time("2026-11-01T00:00:00Z"))
        #expect(period.end == time("2026-12-01T00:00:00Z"))
    }

    @Test func `An instant at the end belongs to the next period`() {
        let period = Period(start: time("2026-11-01T00:00:00Z"), end: time("2026-12-01T00:00:00Z"))
        #expect(period.contains(time("2026-11-30T23:59:59.999Z")))
        #expect(!period.contains(period.end) && period.isDue(at: period.end))
        #expect(!period.isDue(at: period.end.adding(milliseconds: -1)))
        #expect(period.days == 30)
        #expect(period.daysRemaining(at: time("2026-11-28T12:00:00Z")) == 2)
        #expect(period.daysRemaining(at: time("2027-01-01T00:00:00Z")) == 0)
    }

    @Test(arguments: ["weekly", "days:0", "days:367", "days:-1", "days:07", "days:", "Monthly", ""])
    func `A cycle that is none is refused`(text: String) {
        #expect(BillingCycle(text) == nil)
    }

    @Test(arguments: ["monthly", "yearly", "days:1", "days:366"])
    func `A cycle is written as it is read`(text: String) throws {
        #expect(try #require(BillingCycle(text)).text == text)
    }

    @Test func `The rest of a period is never more than all of it, nor less than nothing`() {
        let period = Period(start: time("2026-11-01T00:00:00Z"), end: time("2026-12-01T00:00:00Z"))
        #expect(period.rest(from: time("2026-10-01T00:00:00Z")) == period)
        #expect(period.rest(from: time("2026-11-16T00:00:00Z")).length == period.length / 2)
        #expect(period.rest(from: time("2027-01-01T00:00:00Z")).length == 0)
    }
}
