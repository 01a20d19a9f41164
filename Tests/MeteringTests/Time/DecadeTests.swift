import Testing

@testable import Metering

/// The calendar over ten years, against days that are counted one by one.
@Suite struct DecadeTests {
    /// The day of a month that has the anchor's day, or the month's last.
    private static func expected(_ anchor: CivilDay, plus months: Int) -> (Int, Int, Int) {
        var (year, month) = (anchor.year, anchor.month)
        for _ in 0..<months { (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1) }
        let lengths = [31, year % 4 == 0 && year % 100 != 0 || year % 400 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (year, month, min(anchor.day, lengths[month - 1]))
    }

    @Test(arguments: [
        "2023-01-28", "2023-01-29", "2023-01-30", "2023-01-31", "2024-02-29", "2024-12-31", "2025-04-30", "2026-11-10", "2027-08-31",
        "2099-12-31",
    ])
    func `Months and years are counted from their anchor, and no day is lost or doubled`(start: String) throws {
        let anchor = try #require(Timestamp(rfc3339: start + "T22:15:30.250Z"))
        for (cycle, months) in [(BillingCycle.monthly, 1), (.yearly, 12)] {
            var period = cycle.period(from: anchor, anchor: anchor)
            for number in 1...(120 / months) {
                let (year, month, day) = Self.expected(anchor.day, plus: number * months)
                #expect((period.end.day.year, period.end.day.month, period.end.day.day) == (year, month, day))
                #expect(period.end.timeOfDay == anchor.timeOfDay)
                let next = cycle.period(from: period.end, anchor: anchor)
                #expect(next.start == period.end && next.end > next.start)
                period = next
            }
        }
    }

    @Test(arguments: [1, 7, 10, 30, 45, 366])
    func `A cycle of days has as many, across years`(days: Int) {
        var period = BillingCycle.days(days).period(from: time("2024-02-27T12:00:00Z"), anchor: time("2024-02-27T12:00:00Z"))
        for _ in 0..<200 {
            #expect(period.end.day.number - period.start.day.number == days && period.days == days)
            period = BillingCycle.days(days).period(from: period.end, anchor: time("2024-02-27T12:00:00Z"))
        }
    }

    @Test func `Numbers of days and dates agree for two centuries, leap years and year ends included`() throws {
        var (year, month, day) = (1970, 1, 1)
        for number in 0..<73_049 {
            let civil = CivilDay(number: number)
            guard (civil.year, civil.month, civil.day) == (year, month, day), civil.number == number else {
                Issue.record("day \(number) is \(civil.iso)")
                return
            }
            day += 1
            if CivilDay(year: year, month: month, day: day) == nil { (month, day) = (month + 1, 1) }
            if month == 13 { (year, month) = (year + 1, 1) }
        }
    }
}
