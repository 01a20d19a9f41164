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
}
