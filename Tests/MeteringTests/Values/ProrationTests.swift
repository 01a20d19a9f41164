import Testing

@testable import Metering

@Suite struct ProrationTests {
    /// A fee, the part of a period of a hundred thousand milliseconds, and what it costs.
    @Test(
        arguments: [
            ("29.00", 100_000, "29.00"), ("29.00", 0, "0.00"), ("29.00", 50_000, "14.50"), ("0.01", 49_999, "0.00"),
            ("0.01", 50_000, "0.01"), ("10.00", 33_333, "3.33"), ("10.00", 33_350, "3.34"), ("10.00", 33_349, "3.33"),
            ("0.0049999999", 100_000, "0.00"), ("0.005", 100_000, "0.01"), ("-0.005", 100_000, "-0.01"), ("-10.00", 33_333, "-3.33"),
            ("999999999999999.00", 99_999, "999989999999999.00"),
        ] as [(String, Int64, String)])
    func `A share of a fee is exact until it is rounded to cents, halves up`(fee: String, part: Int64, expected: String) throws {
        #expect(try #require(Money(fee)).share(part, of: 100_000).text == expected)
    }

    @Test func `The rest of a period is never more than all of it, nor less than nothing`() {
        let period = Period(start: time("2026-11-01T00:00:00Z"), end: time("2026-12-01T00:00:00Z"))
        #expect(period.rest(from: time("2026-10-01T00:00:00Z")) == period)
        #expect(period.rest(from: time("2026-11-16T00:00:00Z")).length == period.length / 2)
        #expect(period.rest(from: time("2027-01-01T00:00:00Z")).length == 0)
    }

    @Test(
        arguments: [
            (1, "FACT-202611-0001"), (9_999, "FACT-202611-9999"), (10_000, "FACT-202611-10000"),
        ] as [(Int64, String)])
    func `A number has four digits, or as many as it needs`(place: Int64, expected: String) {
        let number = InvoiceNumber(place, in: CivilMonth(of: time("2026-11-30T23:59:59.999Z").day))
        #expect(number.rawValue == expected && InvoiceNumber(rawValue: expected) == number)
    }
}
