import HTTP
import JSON
import Metering
import Service
import Store
import Support
import Synchronization
import Testing

@testable import API

struct StripeRouteTests {
    @Test func `A failed payment makes past due, a payment active, and the history names Stripe`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            #expect(try await api.outcome(of: TestStripe.invoice("e1", "payment_failed")) == "applied")
            #expect(try await api.status() == "past_due")
            #expect(try await api.outcome(of: TestStripe.invoice("e2", "payment_succeeded", created: TestStripe.now + 1)) == "applied")
            #expect(try await api.status() == "active")
            #expect(try await api.outcome(of: TestStripe.invoice("e3", "payment_failed", created: TestStripe.now + 2)) == "applied")
            #expect(try await api.outcome(of: TestStripe.invoice("e4", "paid", created: TestStripe.now + 3)) == "applied")
            let history = try #require(try await api.subscription()["plan_history"]?.array)
            #expect(history.map { $0["change_reason"] } == ["create", "payment_failed", "payment", "payment_failed", "payment"])
            let tenant = try await api.tenant
            let subscription = try await api.store.read { try Subscriptions.live(UserID(stored: "u1"), of: tenant, $0) }
            #expect(subscription?.history.dropFirst().allSatisfy { $0.actor == .stripe } == true)
            #expect(subscription?.stripe == StripeWatermarks(state: TestStripe.now + 3))
        }
    }

    @Test func `An update moves the status and the end, and a suspension takes the allowance away until it is over`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            #expect(try await api.outcome(of: TestStripe.updated("e1", "active", cancels: true)) == "applied")
            #expect(try await api.subscription()["cancel_at_period_end"] == true)
            #expect(try await api.outcome(of: TestStripe.updated("e2", created: TestStripe.now + 1, "unpaid", cancels: false)) == "applied")
            let suspended = try await api.subscription()
            #expect(suspended["status"] == "suspended" && suspended["cancel_at_period_end"] == false)
            #expect(try await api.send(.get, "/v1/usage/u1/check?amount=1").json["limit"] != 1000)
            #expect(try await api.outcome(of: TestStripe.updated("e3", created: TestStripe.now + 2, "active")) == "applied")
            #expect(try await api.send(.get, "/v1/usage/u1/check?amount=1").json["limit"] == 1000)
            #expect(try await api.outcome(of: TestStripe.updated("e4", created: TestStripe.now + 3, "incomplete_expired")) == "ignored")
            #expect(try await api.status() == "active")
        }
    }

    @Test func `A deletion ends the subscription now, and what was made before it moves nothing`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let deleted = TestStripe.event(
                "e1", "customer.subscription.deleted", created: TestStripe.now + 5, ["status": "canceled", "metadata": ["user_id": "u1"]])
            #expect(try await api.outcome(of: deleted) == "applied")
            #expect(try await api.status() == "canceled")
            #expect(try await api.outcome(of: TestStripe.updated("e2", created: TestStripe.now + 4, "active")) == "stale")
            #expect(try await api.outcome(of: TestStripe.updated("e3", created: TestStripe.now + 6, "active")) == "ignored")
            #expect(try await api.status() == "canceled")
            api.clock.advance(seconds: 60)
            #expect(try await api.subscribe("u1", to: "pro").status == 201)
            let late = TestStripe.event("e4", "customer.subscription.deleted", created: TestStripe.now + 5, ["metadata": ["user_id": "u1"]])
            #expect(try await api.outcome(of: late) == "stale")
            #expect(try await api.status() == "active")
        }
    }

    /// Where the user's name is, by the version of Stripe's API.
    @Test(arguments: [
        #"{"metadata":{"user_id":"u1"}}"#, #"{"metadata":{},"subscription_details":{"metadata":{"user_id":"u1"}}}"#,
        #"{"metadata":null,"parent":{"type":"subscription_details","subscription_details":{"metadata":{"user_id":"u1"}}}}"#,
    ])
    func `The user is found in the metadata`(object: String) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let event = TestStripe.event("e", "invoice.payment_failed", try JSON(parsing: Array(object.utf8)))
            #expect(try await api.outcome(of: event) == "applied")
            #expect(try await api.status() == "past_due")
        }
    }

    /// An event, and why it changes nothing.
    static let idle: [(event: JSON, reason: String)] = [
        (TestStripe.event("e1", "customer.created", ["id": "cus_1"]), "events of this type change nothing"),
        (["id": "e9", "type": "ping", "created": 1_794_312_000], "events of this type change nothing"),
        (TestStripe.event("e2", "invoice.payment_failed", ["metadata": [:]]), "no metadata names a user_id"),
        (TestStripe.event("e3", "invoice.payment_failed", ["metadata": ["user_id": "$ne"]]), "the user has no subscription"),
        (TestStripe.event("e4", "invoice.payment_failed", ["metadata": ["user_id": ["$ne": 1]]]), "no metadata names a user_id"),
        (TestStripe.event("e5", "invoice.payment_failed", 5), "no metadata names a user_id"),
        (TestStripe.invoice("e6", "payment_failed", user: "nobody"), "the user has no subscription"),
        (TestStripe.updated("e7", "dancing"), "a subscription that is active stays so"),
        (TestStripe.invoice("e8", "paid"), "a subscription that is active stays so"),
    ]

    @Test func `What means nothing here is received, and its reason is kept`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            for (event, reason) in Self.idle {
                #expect(
                    try await api.deliver(event).json == ["received": true, "outcome": "ignored", "reason": .string(reason)], "\(event)")
                #expect(try await api.deliver(event).json == ["received": true, "duplicate": true])
            }
            #expect(try await api.status() == "active")
        }
    }

    @Test func `The same event thirty-two times at once counts once, with a user and without`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let events = [TestStripe.invoice("e1", "payment_failed"), TestStripe.event("e2", "customer.created", [:])]
            for event in events {
                let outcomes = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<32 { group.addTask { try await api.outcome(of: event) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.count { $0 == "duplicate" } == 31 && outcomes.count == 32)
            }
            #expect(try await api.subscription()["plan_history"]?.array?.count == 2)
        }
    }

    @Test func `Two instances at once count an event once`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let other = ShopMeter(store: api.store, clock: api.clock, settings: Settings(adminToken: "root"))
            defer { other.drain() }
            let receipts = try await withThrowingTaskGroup(of: StripeReceipt.self) { group in
                let (event, tenant) = (try StripeEvent(TestStripe.invoice("e1", "payment_failed")), try await api.tenant)
                for index in 0..<32 {
                    group.addTask { try await (index % 2 == 0 ? other : api.service).receiveStripeEvent(event, of: tenant) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(receipts.count { $0 == .duplicate } == 31 && receipts.contains(.new(.applied, reason: nil)))
            #expect(try await api.subscription()["plan_history"]?.array?.count == 2)
        }
    }

    @Test func `Events that arrive shuffled and twice leave what their order would`() async throws {
        try await withTestAPI { api in
            let users = (1...4).map { "u\($0)" }
            try await api.prepareForStripe(users: users)
            for user in users {
                let story = [
                    TestStripe.invoice("\(user)-1", "payment_failed", user: user, created: TestStripe.now + 1),
                    TestStripe.updated("\(user)-2", user: user, created: TestStripe.now + 2, "past_due", cancels: true),
                    TestStripe.updated("\(user)-3", user: user, created: TestStripe.now + 3, "unpaid"),
                    TestStripe.invoice("\(user)-4", "paid", user: user, created: TestStripe.now + 4),
                    TestStripe.updated("\(user)-5", user: user, created: TestStripe.now + 5, "active"),
                ]
                for event in (story + story).shuffled() { _ = try await api.outcome(of: event) }
                let end = try await api.subscription(of: user)
                #expect(end["status"] == "active" && end["cancel_at_period_end"] == true, "\(end)")
            }
        }
    }
}

extension TestAPI {
    var tenant: Tenant {
        get async throws { try await service.shop(ShopID(stored: "acme")).tenant }
    }
}
