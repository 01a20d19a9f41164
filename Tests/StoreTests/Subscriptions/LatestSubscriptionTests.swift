import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct LatestSubscriptionTests {
    private let tenant = Tenant(shop: ShopID(stored: "shop"))

    @Test func `The latest subscription is the one that came last, whatever its id and however the clock stands`() async throws {
        try await withStore { store in
            let ids = ["ffffffffffffffffffffffff", "000000000000000000000001", "888888888888888888888888"]
            for (number, id) in ids.enumerated() {
                var subscription = Subscription.created(
                    id: SubscriptionID(stored: id), user: UserID(stored: "u"), plan: plan(tokens: 1), cycle: .monthly, by: .system,
                    at: start)
                try subscription.cancel(.now, by: .system, at: start)
                try await store.transaction { [subscription] in
                    try Subscriptions.insert(subscription, with: Int64(number * 5 + 1), of: tenant, in: $0)
                }
                let latest = try await store.read { try Subscriptions.latest(UserID(stored: "u"), of: tenant, $0) }
                #expect(latest?.id.rawValue == id)
            }
        }
    }
}
