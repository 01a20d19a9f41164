import Testing

@testable import Metering

@Suite struct MoneyTests {
    @Test(
        arguments: [
            ("29", "29.00"), ("29.00", "29.00"), ("0.0000000001", "0.0000000001"), ("-1.50", "-1.50"), ("999999999999999.9999999999", nil),
            ("007", "7.00"), ("0", "0.00"), ("-0", "0.00"), ("1.10", "1.10"), ("1.1234", "1.1234"),
        ] as [(String, String?)])
    func `An exact decimal is written with two digits or as many as it needs`(text: String, written: String?) throws {
        #expect(try #require(Money(text)).text == written ?? text)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "1e3", "+1", "1,5", "--1", "1.00000000001", "1234567890123456", "NaN", "Infinity", " 1", "1 ", "１",
    ])
    func `What is not an exact decimal is refused`(text: String) {
        #expect(Money(text) == nil)
    }

    @Test func `Sums and products are exact`() throws {
        let tenth = try #require(Money("0.1"))
        #expect((0..<10).reduce(Money.zero) { sum, _ in sum + tenth } == Money("1"))
        #expect(try #require(Money("0.0000000003")) * 3 == Money("0.0000000009"))
    }

    @Test(arguments: ["eur", "EURO", "E1R", ""])
    func `A currency is three capital letters`(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test(
        arguments: [
            ("5e-07", 6, "0.50"), ("1.5e-06", 6, "1.50"), ("3.75E-05", 6, "37.50"), ("2e-16", 6, "0.0000000002"),
            ("1e-16", 6, "0.0000000001"),
            ("1e-17", 6, nil), ("1.00e-16", 6, "0.0000000001"), ("10e-17", 6, "0.0000000001"), ("1.23e-8", 6, "0.0123"), ("0", 6, "0.00"),
            ("0e-400", 6, "0.00"), ("-0.0", 6, "0.00"), ("1", 6, "1000000.00"), ("1E+3", 0, "1000.00"), ("-1.5E-7", 0, "-0.00000015"),
            ("0.000000075", 6, "0.075"), ("1e28", 0, "10000000000000000000000000000.00"), ("1e29", 0, nil), ("1e401", 0, nil),
            ("1e9223372036854775807", 0, nil), ("1e99999999999999999999", 0, nil), ("0.30000000000000004", 0, nil), ("NaN", 0, nil),
            ("Infinity", 0, nil), ("", 0, nil), ("1e", 0, nil), ("e1", 0, nil), ("1.2.3", 0, nil),
        ] as [(String, Int, String?)])
    func `A decimal with an exponent is read exactly, or not at all`(text: String, shift: Int, money: String?) {
        #expect(Money(scientific: text, timesTenTo: shift)?.text == money)
    }

    /// A fee, a part of a period of 100,000 milliseconds, and the cost of the part.
    @Test(
        arguments: [
            ("29.00", 100_000, "29.00"), ("29.00", 0, "0.00"), ("29.00", 50_000, "14.50"), ("0.01", 49_999, "0.00"),
            ("0.01", 50_000, "0.01"), ("10.00", 33_333, "3.33"), ("10.00", 33_350, "3.34"), ("10.00", 33_349, "3.33"),
            ("0.0049999999", 100_000, "0.00"), ("0.005", 100_000, "0.01"), ("-0.005", 100_000, "-0.01"), ("-10.00", 33_333, "-3.33"),
            ("999999999999999.00", 99_999, "999989999999999.00"),
        ] as [(String, Int64, String)])
    func `A share of a fee is exact until it is rounded to cents, halves up`(fee: String, part: Int64, expected: String) throws {
        #expect(try #require(Money(fee)).share(part, of: 100_000, in: euro).text == expected)
    }

    @Test(
        arguments: [
            (7, 2, 4), (-7, 2, -4), (5, 2, 3), (4, 3, 1), (5, 3, 2), (-5, 3, -2), (-4, 3, -1), (0, 3, 0), (1, 2, 1), (-1, 2, -1), (1, 1, 1),
            (49, 100, 0), (50, 100, 1),
        ] as [(Int, Int, Int)])
    func `A quotient is rounded to the nearest, halves away from zero`(number: Int, divisor: Int, quotient: Int) {
        #expect(number.roundedQuotient(by: divisor) == quotient)
        #expect(Int128(number).roundedQuotient(by: Int128(divisor)) == Int128(quotient))
    }

    @Test(arguments: [(7, 2, 3), (-7, 2, -4), (-6, 2, -3), (0, 5, 0), (-1, 5, -1)] as [(Int, Int, Int)])
    func `A floored quotient goes towards minus infinity`(number: Int, divisor: Int, quotient: Int) {
        #expect(number.flooredQuotient(by: divisor) == quotient)
    }
}
