import HTTP
import JSON
import Metering
import Support
import Testing
import Web

@testable import API

/// Ids as clients bring them from their own systems.
struct ClientIDTests {
    private static let foreign = [
        "auth0|5f7c8ec7c33c6c004bbafe82", "google-oauth2|109876543210987654321", "ann+x@example.com", "Jürgen", "Ju\u{308}rgen",
        "q83vEjRWeJA+/w==", "a b", "a%2Fb", "$where", "{\"$ne\":1}", "batch", "check", "estimate", "me", ".", "..", "-", "null", "=1+1",
        "\u{200B}", "\u{10FFFF}", "日本/語?x=1&y#z", String(repeating: "\u{10FFFF}", count: 64), String(repeating: "a", count: 256),
    ]

    @Test func `An id is 1 to 256 bytes without control characters`() {
        #expect(Self.foreign.allSatisfy { UserID(rawValue: $0) != nil && EventID(rawValue: $0) != nil })
        let long = [String(repeating: "a", count: 257), String(repeating: "\u{E9}", count: 129)]
        for text in ["", "a\u{0}b", "\n", "a\u{1F}", "\u{7F}", "a\u{80}", "\u{9F}b"] + long {
            #expect(UserID(rawValue: text) == nil, "\(text.debugDescription)")
        }
        #expect(UserID(rawValue: "\u{E9}") != UserID(rawValue: "e\u{301}") && Meter(rawValue: "a|b") == nil)
    }

    /// A pattern's literal may stand where another's parameter does, when no request is for both.
    @Test func `No word of a path hides a user or an event of that name`() async throws {
        try await withTestAPI { api in
            for route in api.routes {
                for other in api.routes where other.method == route.method {
                    let pairs = zip(Self.segments(route), Self.segments(other))
                    guard Self.segments(route).count == Self.segments(other).count,
                        pairs.allSatisfy({ $0 == $1 || $0.hasPrefix("{") || $1.hasPrefix("{") })
                    else { continue }
                    #expect(route.pattern == other.pattern, "one request is for both")
                }
            }
        }
    }

    private static func segments(_ route: Route) -> [Substring] { route.pattern.split(separator: "/") }

    @Test func `Each user and each event finds its own, whatever the ids`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("free", tokens: 1_000_000, fee: "0")
            for (number, id) in Self.foreign.enumerated() {
                let event: JSON = [
                    "user_id": .string(id), "event_id": .string(id), "reference_id": .string(id), "amount": JSON(number + 1),
                ]
                #expect(try await api.send(.post, "/v1/usage", event).status == 201, "\(id)")
            }
            for (number, id) in Self.foreign.enumerated() { try await find(number + 1, id, api) }
            let search = try await api.send(.get, ["v1", "users"], query: [("query", "OAUTH2|1")])
            #expect(search.json["data"]?.array?.map { $0["user_id"] } == ["google-oauth2|109876543210987654321"])
        }
    }

    private func find(_ amount: Int, _ id: String, _ api: TestAPI) async throws {
        let usage = try await api.send(.get, ["v1", "usage", id])
        #expect(usage.json["user_id"] == .string(id) && usage.json["usage"]?["tokens"] == JSON(amount), "\(id)")
        let overview = try await api.send(.get, ["v1", "users", id])
        #expect(overview.json["lifetime"]?["tokens"] == JSON(amount))
        let events = try await api.send(.get, ["v1", "usage", id, "events"])
        #expect(events.json["data"]?.array?.map { $0["event_id"] } == [.string(id)])
        for name in ["event_id", "reference_id"] {
            let found = try await api.send(.get, ["v1", "events"], query: [(name, id)])
            #expect(found.json["data"]?.array?.map { $0["user_id"] } == [.string(id)], "\(name) \(id)")
        }
    }

    @Test func `Holds, charges, purchases and wallets take such ids too`() async throws {
        try await withTestAPI { api in
            let user = "auth0|ünï/1"
            let hold: JSON = ["reservation_id": "h/ö", "user_id": .string(user), "meter": "tokens", "amount": 5]
            #expect(try await api.send(.post, "/v1/reservations", hold).status == 201)
            let commit = try await api.send(.post, ["v1", "reservations", "h/ö", "commit"], ["amount": 3])
            #expect(commit.status == 201 || commit.status == 200, "\(commit.text)")
            let bought = try await api.send(
                .post, ["v1", "usage", user, "purchases"], ["purchase_id": "p|1", "meter": "tokens", "amount": 7])
            #expect(bought.status == 201)
            #expect(try await api.send(.post, ["v1", "users", user, "wallet"], [:]).status == 201)
            let credit = try await api.send(
                .post, ["v1", "users", user, "wallet", "credits"], ["amount": "1", "reason": "r"], headers: ["idempotency-key": "q83v+/=="])
            #expect(credit.status == 201 && credit.json["credit_id"] == "q83v+/==", "\(credit.text)")
            let entries = try await api.send(.get, ["v1", "users", user, "wallet", "entries"])
            #expect(entries.json["data"]?.array?.count == 2)
            #expect(try await api.send(.get, ["v1", "users", "auth0|u\u{308}nï/1", "wallet"]).status == 404, "compared by its bytes")
        }
    }

    @Test func `A list goes on after any id`() async throws {
        try await withTestAPI { api in
            for id in Self.foreign { #expect(try await api.send(.put, ["v1", "users", id], ["name": "N"]).status == 201) }
            var (walked, cursor): ([String], String?) = ([], "")
            while let after = cursor {
                let answer = try await api.send(
                    .get, ["v1", "users"], query: [("limit", "5")] + (after.isEmpty ? [] : [("cursor", after)]))
                walked += (answer.json["data"]?.array ?? []).compactMap { $0["user_id"]?.string }
                cursor = answer.json["next_cursor"]?.string
            }
            #expect(walked.map { Array($0.utf8) } == Self.foreign.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }
}
