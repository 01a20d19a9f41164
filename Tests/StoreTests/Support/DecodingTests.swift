import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

/// A stored value that does not parse is an error that names its field, never nil or left out in silence.
@Suite struct DecodingTests {
    private let tenant = Tenant(shop: ShopID(stored: "shop"))

    private func account(subscription: SubscriptionID?) -> Account {
        var account = Account.opened(for: UserID(stored: "u"), free: plan(tokens: 1), at: start)
        account.subscription = subscription
        return account
    }

    private func expectInvalid(_ field: String, _ body: () throws -> Void) {
        let error = #expect(throws: StoreError.self, performing: body)
        #expect(error?.kind == .invalid && error?.description.contains(field) == true)
    }

    @Test func `An account's subscription is read as it was stored`() throws {
        for subscription in [nil, Subscriptions.newID()] {
            let stored = try account(subscription: subscription).document(of: tenant, version: 1)
            #expect(try Checkpoint(stored).subscription == subscription)
        }
    }

    @Test(arguments: ["sub-1", 7, ["id": 1]] as [Value])
    func `A subscription's id that is no ObjectId does not become no subscription`(id: Value) throws {
        var stored = try account(subscription: nil).document(of: tenant, version: 1)
        stored["subscription_id"] = id
        expectInvalid("subscription_id") { _ = try Checkpoint(stored) }
    }

    @Test func `An account with a subscription's id that is no ObjectId is not stored`() async throws {
        try await withStore { store in
            let change = AccountChange(
                tenant: tenant, before: nil, after: account(subscription: SubscriptionID(stored: "sub-1")), at: start)
            expectInvalid("subscription_id") { try store.blockingTransaction { try Accounts.save([change], in: $0) } }
            let stored = try store.blockingRead { try Accounts.find(change.after.user, of: tenant, $0) }
            #expect(stored == nil)
        }
    }

    @Test func `Fields of enumerations, days and lists refuse unknown values`() {
        let document: Document = [
            "day": "2026-13-01", "one": "later", "many": ["read", "fly"], "mixed": ["read", 1], "longs": [80, "90"],
        ]
        expectInvalid("day") { _ = try document.optionalDay("day") }
        expectInvalid("one") { _ = try document.optionalValue("one", as: BillingError.Resolution.self) }
        expectInvalid("many") { _ = try document.values("many", as: Scope.self) }
        expectInvalid("mixed") { _ = try document.values("mixed", as: Scope.self) }
        expectInvalid("longs") { _ = try document.optionalInt64s("longs") }
    }

    @Test func `Optional fields that are missing or null are nil`() throws {
        for document in [[:], ["day": .null, "one": .null, "longs": .null, "subscription_id": .null]] as [Document] {
            #expect(try document.optionalDay("day") == nil)
            #expect(try document.optionalValue("one", as: BillingError.Resolution.self) == nil)
            #expect(try document.optionalInt64s("longs") == [])
            #expect(try document.optionalSubscriptionID("subscription_id") == nil)
        }
    }

    @Test func `A dimension that is no text is an error, and no event without it`() throws {
        let settlement = Settlement(breakdown: Breakdown(fromSubscription: 1), used: 1, limit: .of(1), remaining: 0, alerts: [])
        let event = RecordedEvent(
            id: EventID(stored: "e"), user: UserID(stored: "u"), content: UsageContent(amount: 1, dimensions: ["model": "m"]), at: start,
            recordedAt: start, periodNumber: 1, settlement: settlement)
        var stored = event.document(of: tenant)
        #expect(try RecordedEvent(stored) == event)
        stored["dimensions"] = ["model": 1]
        let error = #expect(throws: BSONError.self) { try RecordedEvent(stored) }
        #expect(error?.description.contains("model") == true)
    }

    @Test func `A key with an unknown scope is not read as a key without it`() async throws {
        try await withStore { store in
            let key = APIKey(id: KeyID(stored: "k"), terms: .init(name: "n", scopes: [.read]), lastFour: "abcd", createdAt: start)
            try store.blockingTransaction { try APIKeys.insert(StoredKey(key, hash: [1], of: tenant), in: $0) }
            _ = try store.database.withConnection { try $0.update("api_keys", ["_id": "k"], ["$set": ["scopes": ["read", "fly"]]]) }
            expectInvalid("scopes") { _ = try store.blockingRead { try APIKeys.find(key.id, $0) } }
            let network: Document = ["$set": ["scopes": ["read"], "allowed_addresses": ["10.0.0.1/8"]]]
            _ = try store.database.withConnection { try $0.update("api_keys", ["_id": "k"], .operators(network)) }
            expectInvalid("allowed_addresses") { _ = try store.blockingRead { try APIKeys.find(key.id, $0) } }
        }
    }
}
