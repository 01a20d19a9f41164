import Testing

@testable import Metering

struct APIKeyTests {
    private static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z") ?? Timestamp(milliseconds: 0)

    private func key(addresses: [String] = [], lasting hours: Int64? = nil) -> APIKey {
        let terms = APIKey.Terms(
            name: "k", scopes: [.read], addresses: addresses.compactMap(AddressRange.init(_:)),
            expiresAt: hours.map { Self.now.adding(milliseconds: $0 * 3_600_000) })
        return APIKey(id: KeyID(stored: "k"), terms: terms, lastFour: "0000", createdAt: Self.now)
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8:0:1::/64", false),
        ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false),
        ("2001:db8::/48", "2001:db8:0:1::/64", true), ("2001:db8::/48", "2001:db8:1:0::/64", false),
        ("2001:DB8:0:1::/64", "2001:db8:0:1::/64", true), ("::/0", "2001:db8:0:1::/64", true), ("::/0", "127.0.0.1", false),
    ])
    func `A key that is confined to a network counts in it alone`(network: String, caller: String, counts: Bool) {
        let key = key(addresses: [network, "198.51.100.1"])
        #expect(key.admits(caller, at: Self.now) == counts)
        #expect(!key.admits(nil, at: Self.now) && !key.admits("nowhere", at: Self.now))
    }

    @Test(arguments: [
        "", "/", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/024", "1.2.3.4/24", "1.2.3.4/24/1",
        "+1.2.3.4", "2001:db8::/65", "2001:db8::1", "2001:db8::1/64", "2001:db8::1::2", ":::", "12345::", "g::", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::", "::ffff:1.2.3.4", "+1::", "example.com",
    ])
    func `What is no network is none`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.7/32", "2001:db8:0:0::/48", "0:0:0:0::/0"])
    func `A network reads back as it is written`(text: String) {
        #expect(AddressRange(text)?.text == text)
    }

    @Test func `A key counts until it expires or is revoked`() {
        let key = key(lasting: 1)
        let end = Self.now.adding(milliseconds: 3_600_000)
        #expect(key.admits(nil, at: end.adding(milliseconds: -1)) && !key.admits(nil, at: end))
        let revoked = APIKey(id: key.id, terms: key.terms, lastFour: "0000", createdAt: Self.now, revokedAt: Self.now)
        #expect(!revoked.admits(nil, at: Self.now))
    }

    @Test func `A replaced key counts for the overlap, and never longer than it did; the next lasts as long again`() {
        let (later, next) = (Self.now.adding(milliseconds: 1_800_000), KeyID(stored: "n"))
        #expect(key().replaced(by: next, overlap: 60, at: later).terms.expiresAt == later.adding(milliseconds: 60_000))
        let short = key(lasting: 1).replaced(by: next, overlap: 86_400, at: later)
        #expect(short.terms.expiresAt == Self.now.adding(milliseconds: 3_600_000) && short.replacedBy == next)
        #expect(key(lasting: 1).termsOfNext(at: later).expiresAt == later.adding(milliseconds: 3_600_000))
        #expect(key().termsOfNext(at: later) == key().terms)
    }

    @Test func `Billing has the reading of money in it, and nothing else has`() {
        for scope in Scope.allCases {
            #expect(Scope.allCases.filter { Set([scope]).allow($0) } == (scope == .billing ? [.billingRead, .billing] : [scope]))
        }
    }
}
