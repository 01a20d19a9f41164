import Support
import Testing

@testable import BSON

struct BSONFuzzTests {
    private static func samples() throws -> [[UInt8]] {
        let documents: [Document] = [
            ["_id": ["shop_id": "acme", "n": .int64(7)], "text": "\u{E9}", "list": [1, .null, true, ["a": .int32(1)]]],
            [
                "when": .date(milliseconds: 1_790_000_000_000), "id": .objectID(ObjectID()), "bytes": .binary([1, 2, 3]),
                "double": .double(0.5),
            ],
            ["deep": ["a": ["b": ["c": ["d": [[[1]]]]]]], "": ""],
        ]
        return try documents.map { try $0.bytes() }
    }

    @Test func `What reads as a document is written and reads as the same, and nothing else ends the process`() async throws {
        var (fuzzing, read) = (Fuzzing("bson", bytes: try Self.samples(), words: ["\u{0}", "\u{1}\u{0}\u{0}\u{0}"]), 0)
        try await fuzzing.run(rounds: 20_000) { bytes in
            // Most changes are of the content: the length that stands first follows, as else nothing behind it is read.
            for input in [bytes, Self.measured(bytes)] {
                guard let document = try? Document(bytes: input), let written = try? document.bytes() else { continue }
                read += 1
                let again = try Document(bytes: written)
                try #require(try again.bytes() == written, "\(input)")
            }
        }
        #expect(read > 100)
    }

    private static func measured(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 4 else { return bytes }
        return (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes[4...]
    }
}
