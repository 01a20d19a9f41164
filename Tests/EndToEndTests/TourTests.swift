import Foundation
import Support
import Testing

@Suite struct TourTests {
    @Test func `A backend subscribes a user, records usage, and reads where the user stands`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            let created = try await client.send(
                "POST", "/v1/subscriptions", #"{"user_id":"ada","action":"create","plan_name":"pro","billing_cycle":"monthly"}"#)
            #expect(created.status == 201)
            #expect((created.text("status"), created.integer("allocated_tokens")) == ("active", 4_000_000))
            #expect((created.text("monthly_fee"), created.text("currency"), created.text("action_performed")) == ("29.00", "EUR", "create"))
            let event = #"{"event_id":"e-1","user_id":"ada","amount":3000000,"description":"a long book"}"#
            let recorded = try await client.send("POST", "/v1/usage", event)
            #expect((recorded.status, recorded.integer("used"), recorded.integer("remaining")) == (201, 3_000_000, 1_000_000))
            #expect(recorded.list("alerts").compactMap { $0["percent"] as? Int } == [50, 75])
            let status = try await client.send("GET", "/v1/subscriptions/ada?include_history=true")
            #expect(status.status == 200)
            #expect((status.integer("current_usage"), status.integer("remaining_tokens")) == (3_000_000, 1_000_000))
            #expect(status["usage_percentage"] as? Double == 75)
            #expect(status.list("plan_history").count == 1)
            #expect(status.list("alerts").first?["type"] as? String == "warning")
            let summary = try await client.send("GET", "/v1/usage/ada")
            #expect((summary["limits"] as? [String: Int])?["tokens"] == 4_000_000)
            let events = try await client.send("GET", "/v1/usage/ada/events")
            #expect(events.list("data").map { $0["event_id"] as? String } == ["e-1"])
        }
    }

    @Test func `A batch answers each event in order, and a downgrade, a suspension and a cancellation do what they say`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            _ = try await client.send("POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"pro"}"#)
            let batch = try await client.send(
                "POST", "/v1/usage/batch",
                #"{"events":[{"event_id":"a","user_id":"u","amount":5},{"event_id":"b","user_id":"u","amount":-1},{"event_id":"a","user_id":"u","amount":5}]}"#
            )
            #expect(batch.list("results").map { $0["status"] as? String } == ["recorded", "rejected", "duplicate"])
            let small = try await client.send(
                "POST", "/v1/subscriptions",
                #"{"user_id":"u","action":"downgrade","plan_name":"tiny","allocated_tokens":3,"monthly_fee":"1.00"}"#)
            #expect((small.status, small.integer("remaining_tokens"), small.text("status")) == (200, 0, "active"))
            #expect(try await client.send("POST", "/v1/subscriptions/u/suspend", #"{"reason":"unpaid"}"#).text("status") == "suspended")
            #expect(
                try await client.send("POST", "/v1/subscriptions/u/suspend", #"{"reason":"unpaid"}"#).text("code") == "invalid_transition")
            #expect(try await client.send("POST", "/v1/subscriptions/u/resume").text("status") == "active")
            #expect(try await client.send("POST", "/v1/subscriptions/u/cancel", #"{"at":"now"}"#).text("status") == "canceled")
            #expect(try await client.send("POST", "/v1/subscriptions/u/reset").status == 409)
        }
    }

    @Test func `An export holds every event, and its cells are no formulas`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            for index in 0..<3 {
                let body = #"{"event_id":"x\#(index)","user_id":"u","amount":\#(index),"description":"=HYPERLINK(1)"}"#
                #expect(try await client.send("POST", "/v1/usage", body).status == 201)
            }
            let csv = try await client.send("GET", "/v1/export/usage_events?format=csv").response.text
            let lines = csv.split(separator: "\r\n")
            #expect(lines.count == 4 && !csv.contains(",=") && csv.contains("'=HYPERLINK(1)"))
            let ndjson = try await client.send("GET", "/v1/export/usage_events?format=ndjson").response.text
            #expect(ndjson.split(separator: "\n").count == 3)
        }
    }

    @Test func `The service describes itself, and is open where it says so`() async throws {
        try await withShop { shop in
            let client = try shop.server.client()
            #expect(try await client.request("GET", "/healthz").status == 200)
            #expect(try await client.request("GET", "/readyz").status == 200)
            let document = Answer(try await client.request("GET", "/openapi.json"))
            #expect(document.text("openapi")?.hasPrefix("3.1") == true)
            #expect((document["paths"] as? [String: Any])?["/v1/usage"] != nil)
        }
    }
}
