import Foundation
import JSON
import Support
import Testing

@testable import Metering

struct UsageFuzzTests {
    @Test func `Whatever a provider's usage object says, its counts are quantities, or it is refused`() async throws {
        let file = try JSON(parsing: [UInt8](Data(contentsOf: fixtureFile("usage_objects.json"))))
        let samples = try #require(file["cases"]?.array).compactMap { $0["usage"]?.description }
        let words = ["-1", "0.5", "9007199254740992", "9223372036854775808", "1e3", "1e400", "null", "\"7\"", "[]", "{}"]
        var (fuzzing, read) = (Fuzzing("usage", samples: samples, words: words), 0)
        try await fuzzing.run(rounds: 20_000) { bytes in
            guard let object = try? JSON(parsing: bytes).object, let use = try? ModelUse(usage: object) else { return }
            read += 1
            try #require(use.tokens.values.allSatisfy { (0...Quantity.largest).contains($0) }, "\(object)")
        }
        #expect(read > 100)
    }
}
