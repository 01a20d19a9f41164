/// The limits of one shop's requests, as far as they are not the service's.
package struct ShopRateLimits: Equatable, Sendable {
    /// What the platform's operator lets the shop have, in the place of what every shop may have.
    package var granted: [RateClass: RateLimit]
    /// What the shop has set for itself.
    package var own: [RateClass: RateLimit]

    package init(granted: [RateClass: RateLimit] = [:], own: [RateClass: RateLimit] = [:]) {
        self.granted = granted
        self.own = own
    }

    /// The most that the shop may set; nil for no limit. `service`: what every shop may have.
    package func most(_ kind: RateClass, of service: RateLimits) -> RateLimit? { granted[kind] ?? service.shop[kind] }

    /// The limit that counts, nil for none: the shop's own, and never more than it may set now.
    package func limit(_ kind: RateClass, of service: RateLimits) -> RateLimit? {
        let most = most(kind, of: service)
        guard let own = own[kind] else { return most }
        return most.map { own.narrowed(to: $0) } ?? own
    }
}

/// Who sets the limits of a shop.
package enum RateLimitSetter: Sendable {
    case platform, shop
}

/// A class whose limit a shop may not set as high as that.
package struct RateLimitRefusal: Error, Equatable, Sendable {
    package let kind: RateClass
    package let most: RateLimit
}

extension ShopRateLimits {
    /// Sets the limit of each class that is named; nil takes away what was set before. The platform grants; a shop narrows what it is granted.
    package mutating func set(
        _ limits: [RateClass: RateLimit?], by setter: RateLimitSetter, of service: RateLimits
    ) throws(RateLimitRefusal) {
        for (kind, limit) in limits {
            switch setter {
            case .platform: granted[kind] = limit
            case .shop:
                if let limit, let most = most(kind, of: service), limit.narrowed(to: most) != limit {
                    throw RateLimitRefusal(kind: kind, most: most)
                }
                own[kind] = limit
            }
        }
    }
}
