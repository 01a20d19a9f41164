import HTTP
import JSON
import Support
import Testing

@testable import API

struct ReservationRouteTests {
    private let hold: JSON = ["reservation_id": "r1", "user_id": "u1", "meter": "tokens", "amount": 60]

    private func ready(_ api: TestAPI) async throws {
        try await api.putPlan("pro", tokens: 100)
        _ = try await api.subscribe("u1", to: "pro")
    }

    @Test func `A hold is made, committed in parts, and shown on the way`() async throws {
        try await withTestAPI { api in
            try await ready(api)
            let made = try await api.send(.post, "/v1/reservations", as: "usage", hold)
            #expect(made.status == 201 && made.json["duplicate"] == false && made.json["state"] == "open")
            #expect(made.json["held"] == 60 && made.json["remaining"] == 40 && made.json["expires_at"] == "2026-11-10T12:15:00.000Z")
            let refused = try await api.send(.post, "/v1/reservations", ["user_id": "u1", "amount": 41])
            #expect(refused.status == 402 && refused.code == "usage_limit_exceeded" && refused.json["available"] == 40)
            let part = try await api.send(
                .post, "/v1/reservations/r1/commit", as: "usage",
                ["amount": 20, "final": false, "event_id": "e1", "dimensions": ["voice_slug": "nova"], "reference_id": "d1"])
            #expect(part.status == 201 && part.json["held"] == 40 && part.json["late"] == false && part.json["event_id"] == "e1")
            let user = try await api.send(.get, "/v1/users/u1", as: "read")
            #expect(user.json["open_holds"]?.array?.map { $0["held"] } == [40] && user.json["balances"]?["tokens"]?["reserved"] == 40)
            let last = try await api.send(.post, "/v1/reservations/r1/commit", ["amount": 70])
            #expect(last.status == 201 && last.json["event_id"] == "r1" && last.json["used"] == 90 && last.json["held"] == 0)
            let again = try await api.send(.post, "/v1/reservations/r1/commit", ["amount": 70])
            var expected = try #require(last.json.object)
            expected["duplicate"] = true
            #expect(again.status == 200 && again.json == .object(expected))
            let log = try await api.send(.get, "/v1/usage/u1/events")
            #expect(log.json["data"]?.array?.map { $0["reservation_id"] } == ["r1", "r1"])
            let one = try await api.send(.get, "/v1/reservations/r1", as: "read")
            #expect(one.json["state"] == "committed" && one.json["committed"] == 90)
        }
    }

    @Test func `A hold without a body is committed whole; other content under its id is a conflict`() async throws {
        try await withTestAPI { api in
            try await ready(api)
            _ = try await api.send(.post, "/v1/reservations", hold)
            let twice = try await api.send(.post, "/v1/reservations", hold)
            #expect(twice.status == 200 && twice.json["duplicate"] == true)
            var other = try #require(hold.object)
            other["amount"] = 61
            #expect(try await api.send(.post, "/v1/reservations", .object(other)).code == "idempotency_conflict")
            #expect(try await api.send(.post, "/v1/reservations/r1/commit").json["amount"] == 60)
            #expect(try await api.send(.post, "/v1/reservations/r1/commit", ["amount": 5]).code == "idempotency_conflict")
            #expect(try await api.send(.post, "/v1/reservations/r1/release").code == "invalid_transition")
            #expect(try await api.send(.post, "/v1/reservations/none/commit").status == 404)
            #expect(try await api.send(.post, "/v1/reservations/r1/commit", as: "other").status == 404)
            #expect(try await api.send(.post, "/v1/reservations/r1/commit", as: "read").status == 403)
        }
    }

    @Test func `Holds are listed newest first, by user and by state`() async throws {
        try await withTestAPI { api in
            try await ready(api)
            for (number, user) in ["u1", "u2", "u1", "u2"].enumerated() {
                let body: JSON = ["user_id": .string(user), "amount": 5, "ttl_seconds": .integer(Int64(60 + number))]
                let made = try await api.send(.post, "/v1/reservations", body, headers: ["idempotency-key": "r\(number)"])
                #expect(made.status == 201)
                api.clock.advance(seconds: 1)
            }
            _ = try await api.send(.post, "/v1/reservations/r3/release")
            func ids(_ query: String) async throws -> [JSON?] {
                try await api.send(.get, "/v1/reservations\(query)", as: "read").json["data"]?.array?.map { $0["reservation_id"] } ?? []
            }
            #expect(try await ids("") == ["r3", "r2", "r1", "r0"])
            #expect(try await ids("?user_id=u2") == ["r3", "r1"])
            #expect(try await ids("?state=open") == ["r2", "r1", "r0"])
            #expect(try await ids("?user_id=u2&state=released") == ["r3"])
            let first = try await api.send(.get, "/v1/reservations?limit=3")
            let cursor = try #require(first.json["next_cursor"]?.string)
            #expect(try await ids("?limit=3&cursor=\(cursor)") == ["r0"])
            #expect(try await api.send(.get, "/v1/reservations?state=done").wrongFields == ["state"])
        }
    }

    @Test func `Purchases and checks speak as the interface says`() async throws {
        try await withTestAPI { api in
            try await ready(api)
            let body: JSON = ["purchase_id": "p1", "meter": "tokens", "amount": 50, "price": "4.99"]
            let made = try await api.send(.post, "/v1/usage/u1/purchases", as: "usage", body)
            #expect(made.status == 201 && made.json["currency"] == "EUR" && made.json["purchased"] == 50 && made.json["remaining"] == 150)
            #expect(try await api.send(.post, "/v1/usage/u1/purchases", body).status == 200)
            #expect(try await api.send(.post, "/v1/usage/u2/purchases", body).code == "idempotency_conflict")
            #expect(try await api.send(.post, "/v1/usage/u1/purchases", ["amount": 50]).wrongFields == ["purchase_id"])
            #expect(try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": "p2", "amount": 0]).wrongFields == ["amount"])
            let check = try await api.send(.get, "/v1/usage/u1/check?meter=tokens&amount=151", as: "read")
            #expect(check.json["allowed"] == false && check.json["available"] == 150 && check.json["reason"]?.string != nil)
            #expect(
                check.json["would_take"] == [
                    "from_subscription": 100, "from_rollover": 0, "from_purchased": 50, "overflow_to_debt": 1,
                ])
            let fine = try await api.send(.get, "/v1/usage/u1/check?amount=150")
            #expect(fine.json["allowed"] == true && fine.json["reason"] == .null && fine.json["reserved"] == 0)
            #expect(try await api.send(.get, "/v1/usage/u1/check?amount=-1").wrongFields == ["amount"])
            #expect(try await api.send(.get, "/v1/usage/nobody/check").status == 200)
        }
    }
}
