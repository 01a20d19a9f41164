import Testing

@testable import Metering

struct ShopRateLimitsTests {
    private static func limit(_ perSecond: Int64, _ burst: Int64) throws -> RateLimit {
        try #require(RateLimit(perSecond: perSecond, burst: burst))
    }

    @Test func `A shop has what it is granted, else what every shop has, and never more than that for what it set itself`() throws {
        let (one, two, five) = (try Self.limit(1, 9), try Self.limit(2, 8), try Self.limit(5, 5))
        let service = RateLimits(shop: [.usage: two])
        let cases: [(ShopRateLimits, RateLimit?)] = [
            (ShopRateLimits(), two), (ShopRateLimits(granted: [.usage: five]), five),
            (ShopRateLimits(granted: [.usage: five], own: [.usage: one]), try Self.limit(1, 5)),
            (ShopRateLimits(own: [.usage: five]), try Self.limit(2, 5)), (ShopRateLimits(own: [.read: five]), two),
        ]
        for (limits, expected) in cases { #expect(limits.limit(.usage, of: service) == expected) }
        #expect(ShopRateLimits(own: [.read: five]).limit(.read, of: service) == five)
        #expect(ShopRateLimits().limit(.read, of: service) == nil)
    }

    @Test func `A shop narrows, the platform grants, and each takes away only what it set`() throws {
        let (two, five) = (try Self.limit(2, 8), try Self.limit(5, 50))
        let service = RateLimits(shop: [.usage: two])
        var limits = ShopRateLimits()
        let refusal = #expect(throws: RateLimitRefusal.self) { try limits.set([.usage: five], by: .shop, of: service) }
        #expect(refusal == RateLimitRefusal(kind: .usage, most: two) && limits == ShopRateLimits())
        try limits.set([.usage: five], by: .platform, of: service)
        try limits.set([.usage: five, .export: two], by: .shop, of: service)
        #expect(limits == ShopRateLimits(granted: [.usage: five], own: [.usage: five, .export: two]))
        try limits.set([.usage: nil], by: .platform, of: service)
        #expect(limits.limit(.usage, of: service) == two)
        try limits.set([.usage: nil, .export: nil], by: .shop, of: service)
        #expect(limits == ShopRateLimits())
    }
}
