import Support
import Testing

@testable import JSON

struct JSONFuzzTests {
    private static let samples = [
        #"{"event_id":"q-1","user_id":"ada","amount":700,"dimensions":{"model":"m1"}}"#,
        #"[1,-0.5e+10,1E400,true,false,null,"\u00e9\ud83d\ude00\n",{"a":[]},{}]"#, "123456789012345678901234567890", "\"\u{E9}\u{1F600}\"",
        #"{"a":{"b":{"c":{"d":[[[[1]]]]}}}}"#,
    ]
    private static let words = [
        "[[[[", "{\"a\":", "\\u", "\\ud800", "\\udc00", "1e9999", "-0", "0.", "00", "\"a\":1,\"a\":2", "\u{FEFF}", "null",
    ]

    @Test func `What parses is written and parses as the same, and nothing else ends the process`() async throws {
        var (fuzzing, parsed) = (Fuzzing("json", samples: Self.samples, words: Self.words), 0)
        try await fuzzing.run(rounds: 20_000) { bytes in
            guard let value = try? JSON(parsing: bytes) else { return }
            parsed += 1
            try #require(try JSON(parsing: value.encoded) == value, "\(bytes)")
            #expect(String(validating: bytes, as: UTF8.self) != nil)
        }
        #expect(parsed > 100)
    }
}
