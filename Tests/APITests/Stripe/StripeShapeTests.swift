import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

/// The shapes that events have had from 2019 on, and what a customer does in Stripe's portal.
struct StripeShapeTests {
    private static let start = TestStripe.now - 100

    /// A subscription as Stripe shows it since 2025, with some of its members changed.
    private static func subscription(
        _ id: String = "sub_1", status: String = "active", price: JSON = ["id": "price_pro", "lookup_key": "pro"], start: Int64 = start,
        with changes: JSON.Object = [:]
    ) -> JSON {
        let item: JSON = ["id": "si_1", "metadata": [:], "price": price, "current_period_end": .integer(TestStripe.now + 2_592_000)]
        var object: JSON.Object = [
            "id": .string(id), "object": "subscription", "status": .string(status), "start_date": .integer(start), "cancel_at": nil,
            "cancel_at_period_end": false, "pause_collection": nil, "items": ["data": [item]], "metadata": ["user_id": "u1"],
        ]
        for field in changes.fields { object[field.name] = field.value }
        return .object(object)
    }

    private static func told(_ id: String, _ type: String, after seconds: Int64 = 0, _ object: JSON) -> JSON {
        TestStripe.event(id, "customer.subscription.\(type)", created: TestStripe.now + seconds, object)
    }

    private static let invoices: [(version: String, object: String)] = [
        (
            "2019",
            #"{"id":"in_1","subscription":"sub_1","metadata":{},"lines":{"data":[{"metadata":{"user_id":"u1"},"subscription":"sub_1"}]}}"#
        ),
        (
            "2022",
            #"{"id":"in_1","subscription":{"id":"sub_1"},"metadata":{},"subscription_details":{"metadata":{"user_id":"u1"}},"lines":{"data":[]}}"#
        ),
        (
            "2025",
            #"{"id":"in_1","metadata":{},"parent":{"subscription_details":{"metadata":{"user_id":"u1"},"subscription":"sub_1"}},"lines":null}"#
        ),
        (
            "lines of 2025",
            #"{"id":"in_1","metadata":null,"parent":null,"lines":{"data":[{"metadata":{"user_id":"u1"},"parent":{"subscription_item_details":{"subscription":"sub_1"}}}]}}"#
        ),
    ]

    @Test(arguments: invoices.indices)
    func `An invoice names its user and its subscription in every version`(index: Int) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let object = try JSON(parsing: Array(Self.invoices[index].object.utf8))
            var failed = TestStripe.event("e1", "invoice.payment_failed", object).object ?? [:]
            failed["account"] = "acct_1"
            #expect(try await api.outcome(of: .object(failed)) == "applied", "\(Self.invoices[index].version), of a connected account")
            #expect(try await api.status() == "past_due")
            let foreign = Self.told("e2", "deleted", after: 5, Self.subscription("sub_0", status: "canceled"))
            #expect(try await api.outcome(of: foreign) == "ignored")
            #expect(try await api.status() == "past_due")
        }
    }

    @Test func `Lines that name two users name none, and items may name one`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe(users: ["u1", "u2"])
            let lines: JSON = ["data": [["metadata": ["user_id": "u1"]], ["metadata": ["user_id": "u2"]]]]
            let answer = try await api.deliver(TestStripe.event("e1", "invoice.payment_failed", ["id": "in_1", "lines": lines]))
            #expect(answer.json["reason"] == "no metadata names a user_id")
            let items: JSON = ["data": [["metadata": ["user_id": "u2"]]]]
            let updated = Self.subscription(status: "past_due", with: ["metadata": [:], "items": items])
            #expect(try await api.outcome(of: Self.told("e2", "updated", updated)) == "applied")
            #expect(try await api.status(of: "u2") == "past_due")
        }
    }

    @Test func `A cancellation by date is one, and is taken back; a date far away is told by Stripe when it comes`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let text = try #require(try await api.subscription()["current_period_end"]?.string)
            let end = try #require(Timestamp(rfc3339: text))
            let byDate = Self.subscription(with: ["cancel_at": .integer(end.milliseconds / 1_000)])
            #expect(try await api.outcome(of: Self.told("e1", "updated", byDate)) == "applied")
            #expect(try await api.subscription()["cancel_at"]?.string == end.rfc3339)
            #expect(try await api.outcome(of: Self.told("e2", "updated", after: 1, Self.subscription())) == "applied")
            #expect(try await api.subscription()["cancel_at_period_end"] == false)
            let farAway = Self.subscription(with: ["cancel_at": .integer(end.milliseconds / 1_000 + 100 * 86_400)])
            #expect(try await api.outcome(of: Self.told("e3", "updated", after: 2, farAway)) == "ignored")
            #expect(try await api.subscription()["cancel_at_period_end"] == false)
        }
    }

    @Test(arguments: [Int64.max, .min, 253_402_300_800])
    func `A time that no calendar has is as if it were not there`(time: Int64) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let ending = Self.subscription(with: ["cancel_at": .integer(time)])
            #expect(try await api.outcome(of: Self.told("e1", "updated", ending)) == "ignored")
            #expect(try await api.subscription()["cancel_at_period_end"] == false)
            let trying = Self.subscription(
                "sub_9", status: "trialing", with: ["trial_end": .integer(time), "metadata": ["user_id": "u9"]])
            #expect(try await api.outcome(of: Self.told("e2", "created", after: 1, trying)) == "applied")
            #expect(try await api.status(of: "u9") == "active")
        }
    }

    @Test func `What is paused is suspended until it is resumed, and a free pause goes on`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let steps: [(type: String, object: JSON, status: String)] = [
                ("paused", Self.subscription(status: "paused"), "suspended"), ("resumed", Self.subscription(), "active"),
                ("updated", Self.subscription(with: ["pause_collection": ["behavior": "void"]]), "suspended"),
                ("updated", Self.subscription(with: ["pause_collection": ["behavior": "keep_as_draft"]]), "active"),
            ]
            for (index, step) in steps.enumerated() {
                _ = try await api.deliver(Self.told("e\(index)", step.type, after: Int64(index), step.object))
                #expect(try await api.status() == step.status, "\(index)")
            }
        }
    }

    @Test func `A plan changed in the portal changes here, by its price, its lookup key, or its name`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let team: JSON = ["allowances": ["tokens": 5000], "monthly_fee": "90", "stripe_price_ids": ["price_team", "team-yearly"]]
            #expect(try await api.send(.put, "/v1/plans/team", team).json["stripe_price_ids"] == ["price_team", "team-yearly"])
            try await api.putPlan("solo", tokens: 10)
            let prices: [(price: JSON, plan: String)] = [
                (["id": "price_team"], "team"), (["id": "price_x", "lookup_key": "solo"], "solo"),
                (["id": "price_y", "lookup_key": "team-yearly", "recurring": ["interval": "year", "interval_count": 1]], "team"),
                (["id": "price_z", "metadata": ["plan_name": "pro"]], "pro"), (["id": "price_unknown"], "pro"),
            ]
            for (index, step) in prices.enumerated() {
                _ = try await api.deliver(Self.told("e\(index)", "updated", after: Int64(index), Self.subscription(price: step.price)))
                #expect(try await api.subscription()["plan_name"]?.string == step.plan, "\(step.price)")
            }
            #expect(try await api.subscription()["billing_cycle"] == "yearly")
            _ = try await api.subscribe("u1", to: "solo", action: "change")
            _ = try await api.deliver(Self.told("same", "updated", after: 9, Self.subscription(price: ["id": "price_unknown"])))
            #expect(try await api.subscription()["plan_name"] == "solo", "Stripe said nothing new of the plan")
        }
    }

    @Test func `Events of an older or another subscription leave the present one alone, and a newer one takes over`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            _ = try await api.deliver(Self.told("e1", "updated", Self.subscription("sub_B")))
            let old = try await api.deliver(Self.told("e2", "deleted", after: 5, Self.subscription("sub_A", status: "canceled")))
            #expect(old.json["reason"] == "it is about sub_A, and the user's subscription is sub_B")
            _ = try await api.deliver(Self.told("e3", "created", after: 6, Self.subscription("sub_C", start: Self.start + 50)))
            #expect(
                try await api.outcome(of: Self.told("e4", "deleted", after: 7, Self.subscription("sub_B", status: "canceled"))) == "ignored"
            )
            #expect(try await api.status() == "active")
            #expect(
                try await api.outcome(of: Self.told("e5", "deleted", after: 8, Self.subscription("sub_C", status: "canceled"))) == "applied"
            )
            #expect(try await api.outcome(of: Self.told("e6", "updated", after: 9, Self.subscription("sub_C"))) == "ignored")
            #expect(try await api.status() == "canceled")
            let list = try await api.send(.get, "/v1/stripe-events?outcome=ignored", as: "read").json["data"]?.array ?? []
            #expect(
                Set(list.compactMap { $0["event_id"]?.string }) == ["e1", "e2", "e3", "e4", "e6"]
                    && list.allSatisfy { $0["reason"] != .null })
        }
    }

    private static let checkout: JSON = [
        "id": "cs_1", "object": "checkout.session", "mode": "subscription", "payment_status": "paid", "subscription": "sub_1",
        "client_reference_id": "new|1", "metadata": [:],
    ]

    /// The subscription's own metadata are empty, so that only the checkout says whose it is.
    private static let bought = told("e2", "created", subscription(with: ["metadata": [:]]))

    @Test(arguments: [true, false])
    func `A checkout says whose a subscription is, whichever event comes first`(checkoutFirst: Bool) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let checkout = TestStripe.event("e1", "checkout.session.completed", created: TestStripe.now + 1, Self.checkout)
            for event in checkoutFirst ? [checkout, Self.bought, checkout] : [Self.bought, checkout, Self.bought] {
                #expect(try await api.deliver(event).status == 200)
            }
            let made = try await api.send(.get, ["v1", "subscriptions", "new|1"])
            #expect(made.json["plan_name"] == "pro" && made.json["status"] == "active", "\(made.text)")
            let failed = TestStripe.event(
                "e3", "invoice.payment_failed", created: TestStripe.now + 2, ["id": "in_1", "subscription": "sub_1"])
            #expect(try await api.outcome(of: failed) == "applied")
            #expect(try await api.send(.get, ["v1", "subscriptions", "new|1"]).json["status"] == "past_due")
        }
    }

    @Test func `An event of the other mode is ignored, whatever it says`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            func deleted(_ id: String, isLive: Bool) -> JSON {
                var event = Self.told(id, "deleted", Self.subscription(status: "canceled")).object ?? [:]
                event["livemode"] = .bool(isLive)
                return .object(event)
            }
            let answer = try await api.deliver(deleted("e1", isLive: false))
            #expect(answer.json["outcome"] == "ignored" && answer.json["reason"]?.string?.contains("test mode") == true)
            #expect(try await api.send(.patch, "/v1/shop", as: "manage", ["mode": "test"]).json["mode"] == "test")
            #expect(try await api.outcome(of: deleted("e2", isLive: true)) == "ignored")
            #expect(try await api.status() == "active")
            #expect(try await api.outcome(of: deleted("e3", isLive: false)) == "applied")
        }
    }

    @Test func `A thin event is received and ignored`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let thin: JSON = [
                "id": "evt_thin", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "livemode": true,
                "created": "2026-11-09T06:20:52.246Z", "related_object": ["id": "mtr_1"],
            ]
            #expect(try await api.deliver(thin).json["outcome"] == "ignored")
        }
    }

    private static let wrongSecrets: [JSON] = [["secrets": ["x"]], ["secret": "whsec_a", "secrets": []], ["overlap_seconds": 1]]

    @Test func `Several secrets count, and those of before for as long as was said`() async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let path = "/v1/admin/shops/acme/stripe-secret"
            let body: JSON = ["secrets": ["whsec_a", .string(TestStripe.secret)]]
            #expect(try await api.send(.put, path, as: "admin", body).status == 204)
            #expect(try await api.deliver(TestStripe.invoice("e1", "paid")).status == 200)
            #expect(try await api.send(.put, path, as: "admin", ["secret": "whsec_b", "overlap_seconds": 60]).status == 204)
            #expect(try await api.deliver(TestStripe.invoice("e2", "paid")).status == 200)
            #expect(try await api.send(.put, path, as: "admin", ["secrets": ["whsec_c"]]).status == 204)
            #expect(try await api.deliver(TestStripe.invoice("e3", "paid")).status == 401)
            for body in Self.wrongSecrets { #expect(try await api.send(.put, path, as: "admin", body).status == 422) }
        }
    }

    @Test func `An invoice that the customer's balance paid is paid`() throws {
        let object =
            #"{"id":"in_1","status":"paid","amount_paid":0,"total":2900,"currency":"eur","metadata":{"invoice_number":"FACT-202612-0001"}}"#
        let event = try StripeEvent(TestStripe.event("e", "invoice.paid", JSON(parsing: Array(object.utf8))))
        #expect(event.payment?.amount.text == "29.00")
    }
}
