import Crypto
import HTTP
import Metering

/// A `Stripe-Signature` header, well formed but not verified yet: `t=1795132800,v1=<64 hexadecimal digits>`, with one `v1` for each secret
/// of the sender. Other schemes than `v1` are ignored.
///
/// A `v1` is the HMAC-SHA-256 of `t`, a point and the body's bytes; the key is the text of the secret.
struct StripeSignature {
    /// In bytes. A genuine header has 150, or 220 while a secret is rolled over.
    static let maximumLength = 1_024
    /// In seconds: how far the sender's time may be from this service's, before or after.
    static let tolerance: Int64 = 300

    /// The digits of `t`, as they were signed.
    private let time: String
    private let seconds: Int64
    private let tags: [[UInt8]]

    /// Nil unless there is one such header: `name=value` items between commas, without white space, one of them `t`, and one or more of
    /// them `v1` with 32 bytes in lower-case hexadecimal. A `v1` of another form is passed over, as Stripe's libraries do.
    init?(in headers: Headers) {
        let values = headers.values(of: "stripe-signature")
        guard values.count == 1, values[0].utf8.count <= Self.maximumLength, let items = Self.items(of: values[0]) else { return nil }
        let times = items.filter { $0.name == "t" }.map(\.value)
        guard times.count == 1, let seconds = Self.seconds(times[0]) else { return nil }
        let tags = items.filter { $0.name == "v1" }.compactMap { Hex.bytes($0.value) }.filter { $0.count == SHA256.length }
        guard !tags.isEmpty else { return nil }
        (time, self.seconds, self.tags) = (times[0], seconds, tags)
    }

    /// Whether `t` is within the tolerance of `now`.
    func isTimely(at now: Timestamp) -> Bool { abs(now.milliseconds - seconds * 1_000) <= Self.tolerance * 1_000 }

    /// Whether one `v1` was made from the body with the secret. Each is compared in constant time.
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
