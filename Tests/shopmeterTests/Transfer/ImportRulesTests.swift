import Metering
import Testing

@testable import shopmeter

@Suite struct ImportRulesTests {
    static let times: [(String, String)] = [
        ("2023-11-16 18:15:46.6805900", "2023-11-16T18:15:46.680Z"), ("2023-11-16T18:15:46", "2023-11-16T18:15:46.000Z"),
        ("2023-11-16 18:15:46.123456789", "2023-11-16T18:15:46.123Z"), ("2023-11-16T18:15:46+02:00", "2023-11-16T16:15:46.000Z"),
        ("2023-11-16T18:15:46Z", "2023-11-16T18:15:46.000Z"), ("0", "1970-01-01T00:00:00.000Z"), ("1700158546", "2023-11-16T18:15:46.000Z"),
        ("1700158546.6", "2023-11-16T18:15:46.600Z"), ("1700158546.680590000", "2023-11-16T18:15:46.680Z"),
        ("253402300799.999", "9999-12-31T23:59:59.999Z"), ("2023-11-16 18:15", "2023-11-16T18:15:00.000Z"),
        ("2026-11-27 10:00:00.745232+00", "2026-11-27T10:00:00.745Z"), ("2026-11-27 10:00:00+02", "2026-11-27T08:00:00.000Z"),
        ("2026-11-27 10:00:00-03:30", "2026-11-27T13:30:00.000Z"), ("2026-11-27 10:00:00 UTC", "2026-11-27T10:00:00.000Z"),
        ("2026-11-27T10:00:00+0100", "2026-11-27T09:00:00.000Z"), ("2026-11-27 10:00:00 +0100", "2026-11-27T09:00:00.000Z"),
        ("1700158546680", "2023-11-16T18:15:46.680Z"), ("1700158546680590", "2023-11-16T18:15:46.680Z"),
        ("Thu, 16 Nov 2023 18:15:46 +0100", "2023-11-16T17:15:46.000Z"), ("16 Nov 2023 18:15 GMT", "2023-11-16T18:15:00.000Z"),
    ]

    @Test(arguments: times)
    func `Times are read as logs write them`(text: String, time: String) {
        #expect(ImportTime.parse(text)?.rfc3339 == time)
    }

    @Test(arguments: [
        "", " ", "2023-11-16", "2023-02-29 00:00:00", "2023-11-16 24:00:00", "18:15:46", "2023-11-16 18:15:46+2",
        "Thu, 31 Feb 2023 18:15:46 GMT", "-1", "+1", "1.", ".5", "1e9",
        "1.1234567890", "253402300800", "1700158546Z", "2023-11-16 18:15:46 ", "2023-11-16 18:15:46ZZ", "٣",
    ])
    func `What is no time is refused`(text: String) {
        #expect(ImportTime.parse(text) == nil)
    }

    @Test func `The generator is splitmix64`() {
        // The first outputs of the reference implementation for the seed 0 step by its constant.
        #expect(ZipfUsers.splitmix64(0) == 0xE220_A839_7B1D_CDAF)
        #expect(ZipfUsers.splitmix64(0x9E37_79B9_7F4A_7C15) == 0x6E78_9E6A_A1B9_65F4)
    }

    @Test func `A row has the same user in every version of the program`() {
        let users = ZipfUsers(count: 200)
        #expect((1...12).map { users.user(ofRow: $0).rawValue } == Self.firstUsers)
    }

    @Test func `Users have shares as of Zipf's law, and one user has all`() {
        let users = ZipfUsers(count: 10)
        var counts: [String: Int] = [:]
        for row in 1...100_000 { counts[users.user(ofRow: row).rawValue, default: 0] += 1 }
        let harmonic = (1...10).map { 1 / Double($0) }.reduce(0, +)
        for rank in 1...10 {
            let expected = 100_000 / Double(rank) / harmonic
            #expect(abs(Double(counts["user-\(rank)"] ?? 0) - expected) < 5 * expected.squareRoot())
        }
        #expect(counts.count == 10)
        #expect(Set((1...1_000).map { ZipfUsers(count: 1).user(ofRow: $0).rawValue }) == ["user-1"])
    }

    private static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func `Times are stretched from the first row's, and moved so that the latest falls on the instant`() throws {
        // In the file's order: the first row is not the earliest.
        let span = TimeSpan(Self.time(10_000)).including(Self.time(9_000)).including(Self.time(12_000))
        let still = try #require(TimeRule(span, stretch: 1, lastAt: nil))
        #expect(still(Self.time(9_000)) == Self.time(9_000) && still.earliest == Self.time(9_000))
        let moved = try #require(TimeRule(span, stretch: 3, lastAt: Self.time(1_000_000)))
        #expect([9_000, 10_000, 12_000].map { moved(Self.time($0)).milliseconds } == [991_000, 994_000, 1_000_000])
        #expect(moved.earliest == Self.time(991_000))
    }

    @Test(arguments: [(1_000_000, nil), (1, 10), (1, 253_402_300_800_000), (1_000_000, 253_402_300_799_999)] as [(Int64, Int64?)])
    func `What would leave the years 1970 to 9999 is refused`(stretch: Int64, lastAt: Int64?) {
        let span = TimeSpan(Self.time(5_000)).including(Self.time(253_402_300_799_999))
        #expect(TimeRule(span, stretch: stretch, lastAt: lastAt.map(Self.time)) == nil)
    }

    @Test(arguments: [
        (0.0, "[..............................] 0 %"), (0.5, "[###############...............] 50 %"),
        (1.0, "[##############################] 100 %"),
    ])
    func `The bar shows the part that is done`(fraction: Double, bar: String) {
        #expect(ProgressLine.bar(fraction) == bar)
    }

    /// As another program (in Python) computes them.
    private static let firstUsers = [
        "user-16", "user-18", "user-1", "user-7", "user-5", "user-43", "user-6", "user-21", "user-31", "user-1", "user-4", "user-17",
    ]
}
