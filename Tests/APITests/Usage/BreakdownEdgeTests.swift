import HTTP
import JSON
import Metering
import Service
import Support
import Testing
import Web

@testable import API

struct BreakdownEdgeTests {
    /// Text that means something to a database, a URL or a cell, as dimensions' values may.
    private static let values = ["$amount", "$$ROOT", "a.b", "{\"$gt\":\"\"}", "ñandú 🦤", "e\u{301}", "\u{e9}", "=1+1", "a/b,c"]

    private func post(_ api: TestAPI, _ fields: JSON, as who: String = "all") async throws {
        var event = try #require(fields.object)
        for (name, value) in [("user_id", "u1"), ("amount", 1)] as [(String, JSON)] where event[name] == nil { event[name] = value }
        let answer = try await api.send(.post, "/v1/usage", as: who, .object(event))
        #expect(answer.status == 201, "\(answer.text)")
    }

    private func breakdown(_ api: TestAPI, _ query: String = "", as who: String = "read") async throws -> JSON {
        let answer = try await api.send(.get, "/v1/usage/u1/breakdown?\(query)", as: who)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    private func rows(_ answer: JSON) throws -> [JSON] { try #require(answer["data"]?.array) }

    @Test func `Values are text whatever they look like, and a name with dots is no path`() async throws {
        try await withTestAPI { api in
            for value in Self.values {
                try await post(api, ["dimensions": ["a.b": .string(value), "a": "x"], "reference_id": .string(value)])
            }
            try await post(api, ["dimensions": ["a": "b"]])
            // A value of a dimension may have what an id may not.
            try await post(api, ["dimensions": ["c": "\u{1}"], "user_id": "u2"])
            let controls = try await api.send(.get, "/v1/usage/u2/breakdown?group_by=c", as: "read")
            #expect(try rows(controls.json).map { $0["c"] } == ["\u{1}"])
            let expected = Self.values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { JSON.string($0) }
            #expect(try rows(await breakdown(api, "group_by=a.b")).map { $0["a.b"] ?? "?" } == [.null] + expected)
            #expect(try rows(await breakdown(api, "group_by=reference_id")).map { $0["reference_id"] ?? "?" } == [.null] + expected)
            #expect(try rows(await breakdown(api, "group_by=a")).map { $0["amount"] } == [9, 1])
            #expect(try rows(await breakdown(api, "group_by=b")).map { $0["b"] } == [.null])
        }
    }

    @Test func `Pages hold every group once, in a fixed order, with page counts of their own`() async throws {
        try await withTestAPI { api in
            for index in 0..<23 {
                let pages = index % 3
                for page in 0...pages {
                    let name = "d\(index / 10)\(index % 10)"
                    try await post(api, ["reference_id": .string(name), "amount": 2, "dimensions": ["page_idx": .string("\(page)")]])
                    try await post(api, ["reference_id": .string(name), "amount": 0, "dimensions": ["page_idx": .string("\(page)")]])
                }
            }
            var walked: [JSON] = []
            var cursor: String? = ""
            while let text = cursor {
                let page = try await breakdown(api, "group_by=reference_id&limit=5" + (text.isEmpty ? "" : "&cursor=\(text)"))
                #expect(page["amount"] == 90 && page["count"] == 90)
                walked += try rows(page)
                cursor = page["next_cursor"]?.string
            }
            #expect(try rows(await breakdown(api, "group_by=reference_id&limit=200")) == walked && walked.count == 23)
            #expect(walked.first?["reference_id"] == "d02" && walked.last?["reference_id"] == "d21")
            for row in walked {
                #expect(row["amount"] == row["count"] && (row["page_count"]?.integer).map { 2 * $0 } == row["count"]?.integer)
            }
            let far = try Cursor(list: "breakdown", key: [.integer(Quantity.largest)]).text
            #expect(try rows(await breakdown(api, "group_by=reference_id&cursor=\(far)")) == [])
            for key in [["-1"], [-1], [0, 0]] as [[JSON]] {
                let wrong = try Cursor(list: "breakdown", key: key).text
                #expect(try await api.send(.get, "/v1/usage/u1/breakdown?cursor=\(wrong)").wrongFields == ["cursor"])
            }
        }
    }

    @Test func `Another shop's events, labels and users are never seen`() async throws {
        try await withTestAPI { api in
            try await post(api, ["event_id": "e", "amount": 5, "dimensions": ["voice_slug": "ana"], "meter": "characters"])
            try await post(api, ["event_id": "e", "amount": 70, "dimensions": ["voice_slug": "ana"], "meter": "characters"], as: "other")
            try await post(api, ["user_id": "u2", "amount": 900, "meter": "characters"])
            #expect(try await api.send(.put, "/v1/labels/voice_slug/ana", as: "other", ["label": "Rival"]).status == 201)
            let mine = try await breakdown(api, "meter=characters&group_by=voice_slug")
            let range = try await breakdown(api, "meter=characters&group_by=voice_slug&from=2000-01-01T00:00:00Z")
            for answer in [mine, range] {
                #expect(answer["amount"] == 5)
                #expect(try rows(answer) == [["voice_slug": "ana", "voice_name": nil, "amount": 5, "count": 1]])
            }
            #expect(
                try rows(await breakdown(api, "meter=characters&group_by=voice_slug", as: "other")).map { $0["voice_name"] } == ["Rival"])
            let engagement = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(engagement["characters"] == 5 && engagement["voices"]?.array?.map { $0["voice_name"] } == [.null])
        }
    }

    @Test func `Whatever starts a period, its breakdown is what was used in it`() async throws {
        try await withTestAPI { api in
            func expect(_ amount: JSON, _ count: JSON, at location: SourceLocation = #_sourceLocation) async throws {
                let answer = try await breakdown(api, "group_by=k")
                #expect(answer["amount"] == amount && answer["count"] == count, sourceLocation: location)
                let period = try await api.send(.get, "/v1/usage/u1").json
                #expect(period["totals"]?["tokens"] == amount && period["totals"]?["queries"] == count, sourceLocation: location)
                #expect(answer["from"] == period["period"]?["start"] && answer["to"] == period["period"]?["end"], sourceLocation: location)
            }
            try await expect(0, 0)
            try await post(api, ["amount": 10])
            try await expect(10, 1)
            try await api.putPlan("small", tokens: 20)
            try await api.putPlan("large", tokens: 500)
            #expect(try await api.subscribe("u1", to: "small").status == 201)
            // More than the allowance: what became debt was used as well.
            try await post(api, ["amount": 90])
            let oldest: JSON = ["amount": 3, "occurred_at": "2026-10-06T12:00:00Z", "dimensions": ["k": "late"]]
            try await post(api, oldest)
            let subscribed = try await api.send(.get, "/v1/usage/u1").json["totals"]
            try await expect(try #require(subscribed?["tokens"]), try #require(subscribed?["queries"]))
            #expect(try await api.subscribe("u1", to: "large", action: "upgrade").status == 200)
            try await post(api, ["amount": 7])
            let upgraded = try await api.send(.get, "/v1/usage/u1").json["totals"]
            try await expect(try #require(upgraded?["tokens"]), try #require(upgraded?["queries"]))
            #expect(try await api.send(.post, "/v1/subscriptions/u1/reset").status == 200)
            try await expect(0, 0)
            try await post(api, oldest)
            try await expect(3, 1)
            api.clock.advance(days: 100)
            try await expect(0, 0)
            #expect(try await breakdown(api, "to=2100-01-01T00:00:00Z")["amount"] == 113)
        }
    }

    @Test func `A range takes its first instant and not its last, and either bound alone`() async throws {
        try await withTestAPI { api in
            for (index, time) in ["2026-11-01T00:00:00.000Z", "2026-11-01T00:00:00.001Z", "2026-11-02T00:00:00Z"].enumerated() {
                try await post(api, ["occurred_at": .string(time), "amount": .integer(Int64(1) << index)])
            }
            for (query, amount) in [
                ("from=2026-11-01T00:00:00.000Z&to=2026-11-01T00:00:00.001Z", 1), ("from=2026-11-01T00:00:00.001Z", 6),
                ("to=2026-11-02T00:00:00Z", 3), ("from=2026-11-02T00:00:00Z&to=2026-11-02T00:00:00Z", 0),
                ("from=2026-11-03T00:00:00Z&to=2026-11-01T00:00:00Z", 0),
            ] as [(String, Int64)] {
                #expect(try await breakdown(api, query)["amount"] == .integer(amount), "\(query)")
            }
            let open = try await breakdown(api, "from=2026-11-01T00:00:00Z")
            #expect(
                open["from"] == "2026-11-01T00:00:00.000Z" && open["to"] == .null && open["group_by"] == [] && open["meter"] == "tokens")
            #expect(open["user_id"] == "u1")
            for (query, field) in [("from=today", "from"), ("meter=a+b", "meter"), ("limit=201", "limit"), ("group_by=", "group_by")] {
                #expect(try await api.send(.get, "/v1/usage/u1/breakdown?\(query)").wrongFields == [field])
            }
        }
    }

    @Test func `A user nothing was recorded for has zeros`() async throws {
        try await withTestAPI { api in
            let none = try await breakdown(api, "group_by=reference_id")
            #expect(none["amount"] == 0 && none["count"] == 0 && none["data"] == [] && none["next_cursor"] == .null)
            #expect(try await breakdown(api)["data"] == [])
            let engagement = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(engagement == ["user_id": "u1", "characters": 0, "syntheses": 0, "duration_ms": 0, "documents": 0, "voices": []])
        }
    }

    @Test func `The rows of an answer add up to its total beside traffic`() async throws {
        try await withTestAPI { api in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        for index in 0..<60 { try await post(api, ["dimensions": ["k": .string("\(task)-\(index % 7)")]]) }
                    }
                }
                group.addTask {
                    for _ in 0..<40 {
                        let answer = try await breakdown(api, "group_by=k&limit=200")
                        let sum = try rows(answer).reduce(0) { $0 + ($1["amount"]?.integer ?? 0) }
                        #expect(answer["amount"] == .integer(sum))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await breakdown(api)["amount"] == 240)
        }
    }
}
