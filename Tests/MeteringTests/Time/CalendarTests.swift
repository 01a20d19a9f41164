import Testing

@testable import Metering

@Suite struct CalendarTests {
    @Test func `A day and its number are each other's inverse over 400 years`() {
        var previous: CivilDay?
        for number in -200 * 365...200 * 366 {
            let day = CivilDay(number: number)
            #expect(day.number == number)
            #expect(CivilDay(year: day.year, month: day.month, day: day.day) == day)
            if let previous { #expect(previous < day) }
            previous = day
        }
    }

    @Test(arguments: [
        (0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_778, "2026-11-21"), (47_540, "2100-02-28"),
        (47_541, "2100-03-01"),
    ])
    func `Known days have their known numbers`(number: Int, iso: String) {
        #expect(CivilDay(number: number).iso == iso)
        #expect(CivilDay(iso: iso)?.number == number)
    }

    @Test(arguments: ["2026-02-29", "2026-00-01", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-32", "2026-01-01x", "", "٢٠٢٦-01-01"])
    func `A day that does not exist is refused`(text: String) {
        #expect(CivilDay(iso: text) == nil)
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-01-31", 2, "2026-03-31"), ("2026-01-31", 13, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"), ("2026-03-31", -1, "2026-02-28"), ("2026-01-01", -1, "2025-12-01"),
        ("2024-02-29", 12, "2025-02-28"),
    ])
    func `Months are added by the calendar, and a short one clamps`(start: String, months: Int, end: String) throws {
        #expect(try #require(CivilDay(iso: start)).adding(months: months).iso == end)
    }

    @Test(arguments: [
        ("2026-11-20T23:10:00.000Z", "2026-11-20T23:10:00.000Z"), ("2026-11-20t23:10:00z", "2026-11-20T23:10:00.000Z"),
        ("2026-11-21T04:40:00+05:30", "2026-11-20T23:10:00.000Z"), ("2026-11-20T15:10:00.5-08:00", "2026-11-20T23:10:00.500Z"),
        ("2026-11-20T23:10:00.123456789Z", "2026-11-20T23:10:00.123Z"), ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"), ("1990-12-31T15:59:60.7-08:00", "1990-12-31T23:59:59.999Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"), ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ])
    func `Times are read with any offset and written in UTC`(text: String, written: String) throws {
        #expect(try #require(Timestamp(rfc3339: text)).rfc3339 == written)
    }

    @Test(arguments: [
        "2026-11-20", "2026-11-20T23:10Z", "2026-11-20T23:10:00", "2026-11-20T24:00:00Z", "2026-11-20T23:60:00Z", "2026-11-20T23:59:60Z",
        "2026-11-20T23:10:00.Z", "2026-02-30T00:00:00Z", "2026-11-20T23:10:00+5:30", "2026-11-20T23:10:00+24:00", "1969-12-31T23:59:59Z",
        "2026-11-20T23:10:00Z ", "", "now", "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2026-11-20 23:10:00Z",
    ])
    func `What is not a time is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: ["2026-13", "2026-00", "2026-1", "2026-011", "202611", "2026-11-01", "abcd", "", "2026-11 ", "２026-11", "-026-11"])
    func `What is no month is none`(text: String) {
        #expect(CivilMonth(iso: text) == nil)
    }

    @Test(
        arguments: [
            ("2026-11", "2026-11-01", "2026-11-30"), ("2024-02", "2024-02-01", "2024-02-29"), ("2026-12", "2026-12-01", "2026-12-31"),
            ("9999-12", "9999-12-01", "9999-12-31"), ("0000-01", "0000-01-01", "0000-01-31"),
        ])
    func `A month has its own days`(text: String, first: String, last: String) throws {
        let month = try #require(CivilMonth(iso: text))
        #expect((month.iso, month.first.iso, month.last.iso) == (text, first, last))
        let days = [month.first.number - 1, month.first.number, month.last.number, month.last.number + 1].map(CivilDay.init(number:))
        #expect(days.map(month.contains) == [false, true, true, false])
        #expect(days.map { CivilMonth(of: $0) == month } == [false, true, true, false])
        #expect(days.map { DailyUsage(day: $0, totals: Totals(tokens: 2)) }.tokens(in: month) == 4)
    }
}
