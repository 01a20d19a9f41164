import Support
import Testing

@testable import shopmeter

struct CSVFuzzTests {
    private static let samples = [
        "time,user,amount\n2026-01-01 00:00:00,ada,5\r\n2026-01-01,\"bob \"\"the\"\" b\",7\n", "\u{FEFF}a;b;c\r\n1;\"2\n3\";4\r\n",
        "a\n\n\nb,\"\"\n\"x",
    ]

    @Test func `Whatever comes, the records are the same wherever the input is cut`() async throws {
        var fuzzing = Fuzzing("csv", samples: Self.samples, words: ["\"", "\"\"", "\r\n", ",", ";", "\u{FEFF}", "=1+1"])
        try await fuzzing.run(rounds: 10_000) { bytes in
            let whole = Self.records([bytes[...]])
            let cut = bytes.count / 3
            try #require(Self.records([bytes[..<cut], bytes[cut...]]) == whole, "\(bytes)")
            #expect(whole.count <= bytes.count + 1)
        }
    }

    private static func records(_ pieces: [ArraySlice<UInt8>]) -> [CSVParser.Record] {
        var parser = CSVParser()
        return pieces.flatMap { parser.feed($0) } + parser.finish()
    }
}
