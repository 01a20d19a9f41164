import JSON
import Support
import Testing
import Web

@testable import API

struct TextFormatTests {
    @Test(arguments: [
        "", "2026", "2026-11-20", "2026-11-20T23:10:00", "2026-11-20T23:10Z", "2026-13-20T23:10:00Z",
        "2026-00-20T23:10:00Z",
        "2026-11-31T23:10:00Z", "2026-11-00T23:10:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T23:60:00Z",
        "2026-12-30T23:59:60Z", "2026-12-31T23:58:60Z", "2026-12-31T23:59:61Z", "2026-11-20T23:10:00.Z", "2026-11-20T23:10:00,5Z",
        "2026-11-20T23:10:00+1:00", "2026-11-20T23:10:00+0100",
        "2026-11-20T23:10:00+24:00", "2026-11-20T23:10:00+01:60", "2026-11-20T23:10:00ZZ", "2026-11-20T23:10:00Z ", " 2026-11-20T23:10:00Z",
        "+026-11-20T23:10:00Z", "2026-1-20T23:10:00Z", "02026-11-20T23:10:00Z", "0000-01-01T00:00:00+00:01",
        "２０２６-11-20T23:10:00Z", "2026-11-20T23:10:00−01:00", "1795216200000",
    ])
    func `What RFC 3339 does not have is not a time`(text: String) {
        #expect(!TextFormat.time.accepts(text))
    }

    /// Formats whose document gives a pattern.
    private static let withPattern: [(format: TextFormat, alphabet: String)] = [
        (.identifier, "aZ9._:@- /é"), (.clientID, "aZ9|/+\t\u{7F}\u{80}\u{9F}\u{A0}\u{E9}\u{10FFFF}\n"), (.money, "0123.-+ e"),
        (.balance, "019.-+"), (.moneySum, "019.-+"), (.month, "0123-9"),
        (.billingCycle, "monthlyears:d0369 "),
    ]

    @Test(arguments: withPattern.indices)
    func `A format takes exactly what its pattern in the document says`(index: Int) throws {
        let (format, alphabet) = Self.withPattern[index]
        let pattern = try Regex(try format.keywords.text("pattern")).matchingSemantics(.unicodeScalar)
        var generator = SplitMix(seed: UInt64(index))
        let seeds = [
            "29.00", "0.0000000001", "123456789012345.1234567890", "-0.5", "2026-12", "days:366", "monthly", "yearly", "days:1",
            "u_1",
        ]
        var taken = 0
        for _ in 0..<5000 {
            var text = Array(seeds.randomElement(using: &generator) ?? "")
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let place = Int.random(in: 0...text.count, using: &generator)
                if Bool.random(using: &generator), place < text.count { text.remove(at: place) }
                guard let letter = alphabet.randomElement(using: &generator), place <= text.count else { continue }
                text.insert(letter, at: place)
            }
            let candidate = String(text)
            let isTaken = format.accepts(candidate)
            taken += isTaken ? 1 : 0
            guard isTaken == (try pattern.wholeMatch(in: candidate) != nil) else {
                Issue.record("\(candidate) was \(isTaken ? "taken" : "refused")")
                return
            }
        }
        #expect(taken > 50)
    }

    @Test func `A currency is one of those in the document`() throws {
        let codes = try TextFormat.currency.keywords.array("enum").compactMap(\.string)
        #expect(codes.count > 150 && codes.allSatisfy(TextFormat.currency.accepts))
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }
        let all = letters.flatMap { a in letters.flatMap { b in letters.map { a + b + $0 } } }
        #expect(all.filter(TextFormat.currency.accepts) == codes.sorted() && !TextFormat.currency.accepts("eur"))
    }

    @Test(arguments: [
        ("monthly", true), ("yearly", true), ("days:1", true), ("days:366", true), ("days:0", false), ("days:367", false), ("days:", false),
        ("days:01", false), ("days:+1", false), ("days:-1", false), ("Monthly", false), ("weekly", false), ("days:1 ", false),
        ("days:99999999999999999999", false),
    ])
    func `A billing cycle is monthly, yearly or a number of days`(text: String, isTaken: Bool) {
        #expect(TextFormat.billingCycle.accepts(text) == isTaken)
    }

    @Test(arguments: [
        ("0", true), ("29.00", true), ("999999999999999.9999999999", true), ("0.0000000001", true), ("1000000000000000", false),
        ("0.00000000001", false),
        ("-1", false), ("+1", false), (".5", false), ("5.", false), ("01", true), ("1e3", false), ("1,5", false), ("", false),
        ("NaN", false),
        ("1.2.3", false), (" 1", false), ("１", false),
    ])
    func `An amount of money is digits and a point`(text: String, isTaken: Bool) {
        #expect(TextFormat.money.accepts(text) == isTaken)
    }

    @Test func `A read of a time that is none is a mistake and no trap`() {
        let object: JSON.Object = ["a": "x y"]
        #expect(throws: WrongRead.self) { try object.time("a") }
    }

    @Test(arguments: [
        ("2026-01", true), ("2026-12", true), ("2026-13", false), ("2026-00", false), ("2026-1", false), ("26-01", false),
        ("2026-01-01", false),
    ])
    func `A month is a year and a month`(text: String, isTaken: Bool) {
        #expect(TextFormat.month.accepts(text) == isTaken)
    }
}
