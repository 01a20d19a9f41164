import Crypto
import HTTP
import Metering

/// A `Stripe-Signature`, well formed but not believed yet: `t=1795132800,v1=<64 hexadecimal digits>`, with `v1` as often as the sender has
/// secrets, and other schemes, which change nothing.
///
/// It signs `t`, a point and the body's bytes, HMAC-SHA-256 with the text of the secret as the key.
struct StripeSignature {
    /// Bytes; a genuine one has 150, or 220 while a secret is rolled over.
    static let maximumLength = 1_024
    /// Seconds by which the sender's time may differ from ours, either way.
    static let tolerance: Int64 = 300

    /// Digits, as they were signed.
    private let time: String
    private let seconds: Int64
    private let tags: [[UInt8]]

    /// Nil unless there is one such header: `name=value` between commas, without white space, with one `t`, and a `v1` of 32 bytes in
    /// lower-case hexadecimal or several.
    init?(in headers: Headers) {
        let values = headers.values(of: "stripe-signature")
        guard values.count == 1, values[0].utf8.count <= Self.maximumLength, let items = Self.items(of: values[0]) else { return nil }
        let times = items.filter { $0.name == "t" }.map(\.value)
        guard times.count == 1, let seconds = Self.seconds(times[0]) else { return nil }
        let tags = items.filter { $0.name == "v1" }.compactMap { Hex.bytes($0.value) }
        guard !tags.isEmpty, tags.count == items.count(where: { $0.name == "v1" }), tags.allSatisfy({ $0.count == SHA256.length }) else {
            return nil
        }
        (time, self.seconds, self.tags) = (times[0], seconds, tags)
    }

    /// Whether it was made within the tolerance of `now`.
    func isTimely(at now: Timestamp) -> Bool { abs(now.milliseconds - seconds * 1_000) <= Self.tolerance * 1_000 }

    /// Whether one of its tags is the body's; each is compared in constant time.
    func signs(_ body: [UInt8], with secret: String) throws(CryptoFailure) -> Bool {
        let tag = try HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: Array(secret.utf8))
        return tags.contains { constantTimeEqual($0, tag) }
    }

    private static func items(of text: String) -> [(name: String, value: String)]? {
        var items: [(String, String)] = []
        for item in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let halves = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, !halves[0].isEmpty, item.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
            items.append((String(Substring(halves[0])), String(Substring(halves[1]))))
        }
        return items
    }

    private static func seconds(_ text: String) -> Int64? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
