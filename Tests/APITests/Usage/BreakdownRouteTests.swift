import HTTP
import JSON
import Support
import Testing

@testable import API

struct BreakdownRouteTests {
    private func post(_ api: TestAPI, _ event: String, _ amount: Int64, _ more: JSON, meter: String = "tokens") async throws {
        var fields = try #require(more.object)
        for (name, value) in [("event_id", .string(event)), ("user_id", "u1"), ("amount", .integer(amount)), ("meter", .string(meter))]
            as [(String, JSON)]
        { fields[name] = value }
        #expect(try await api.send(.post, "/v1/usage", .object(fields)).status == 201)
    }

    private func rows(_ api: TestAPI, _ query: String) async throws -> [JSON] {
        let answer = try await api.send(.get, "/v1/usage/u1/breakdown?\(query)", as: "read")
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(answer.json["data"]?.array)
    }

    @Test func `Use is summed by any dimensions, largest first, with names for people`() async throws {
        try await withTestAPI { api in
            let odd = "$set.a"
            for (index, (voice, model, amount)) in [("ana", "m1", 5), ("ana", "m2", 7), ("bo", "m1", 30), ("ana", "m1", 8)].enumerated() {
                try await post(
                    api, "e\(index)", Int64(amount),
                    ["dimensions": ["voice_slug": .string(voice), "model_slug": .string(model), "x.y": "1"]])
            }
            try await post(api, "none", 2, [:])
            try await post(api, "other-meter", 99, ["dimensions": ["voice_slug": "ana"]], meter: "api_calls")
            #expect(try await api.send(.put, "/v1/labels/voice_slug/ana", as: "usage", ["label": "Ana"]).status == 201)
            #expect(try await api.send(.put, "/v1/labels/voice_slug/ana", as: "usage", ["label": "Ana García"]).status == 200)
            let both = try await rows(api, "meter=tokens&group_by=voice_slug,model_slug")
            #expect(both.map { $0["amount"] } == [30, 13, 7, 2] && both.map { $0["count"] } == [1, 2, 1, 1])
            #expect(both.map { $0["voice_slug"] } == ["bo", "ana", "ana", .null] && both[1]["voice_name"] == "Ana García")
            #expect(both[0]["voice_name"] == .null && both[1]["model_name"] == .null && both[1]["page_count"] == nil)
            #expect(try await rows(api, "group_by=x.y").map { $0["amount"] } == [50, 2])
            #expect(try await rows(api, "group_by=voice_slug&meter=api_calls").map { $0["amount"] } == [99])
            let all = try await api.send(.get, "/v1/usage/u1/breakdown")
            #expect(all.json["amount"] == 52 && all.json["count"] == 5 && all.json["data"]?.array?.count == 1)
            let first = try await api.send(.get, "/v1/usage/u1/breakdown?group_by=voice_slug,model_slug&limit=3")
            let cursor = try #require(first.json["next_cursor"]?.string)
            #expect(try await rows(api, "group_by=voice_slug,model_slug&limit=3&cursor=\(cursor)").map { $0["amount"] } == [2])
            for bad in ["a,a", ",", "a,", "amount", "page_count", odd, "a,b,c,d,e,f", "voice_slug,voice_name"] {
                #expect(try await api.send(.get, "/v1/usage/u1/breakdown?group_by=\(bad)").wrongFields == ["group_by"], "\(bad)")
            }
            #expect(try await api.send(.get, "/v1/usage/u1/breakdown", as: "other").json["data"] == [])
        }
    }

    @Test func `Documents have their distinct pages counted`() async throws {
        try await withTestAPI { api in
            for (index, page) in ["1", "2", "2", "3"].enumerated() {
                try await post(api, "e\(index)", 10, ["reference_id": "doc/1", "dimensions": ["page_idx": .string(page)]])
            }
            try await post(api, "f", 5, ["reference_id": "doc 2"])
            _ = try await api.send(.put, "/v1/labels/reference_id/doc 2", ["label": "Second"])
            let rows = try await rows(api, "group_by=reference_id")
            #expect(rows.map { $0["reference_id"] } == ["doc/1", "doc 2"] && rows.map { $0["page_count"] } == [3, 0])
            #expect(rows.map { $0["document_title"] } == [.null, "Second"])
        }
    }

    @Test func `Without times it is the period's, and adds up to what was used in it`() async throws {
        try await withTestAPI { api in
            try await post(api, "old", 40, [:])
            api.clock.move(to: "2026-12-02T00:00:00Z")
            try await post(api, "late", 3, ["occurred_at": "2026-11-20T00:00:00Z", "dimensions": ["k": "late"]])
            try await post(api, "new", 4, ["dimensions": ["k": "new"]])
            #expect(try await rows(api, "group_by=k").map { $0["amount"] } == [4, 3])
            let used = try await api.send(.get, "/v1/usage/u1").json["usage"]?["tokens"]
            #expect(try await api.send(.get, "/v1/usage/u1/breakdown").json["amount"] == used)
            let november = "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z"
            #expect(try await rows(api, november).map { $0["amount"] } == [43])
            #expect(try await rows(api, "to=2026-11-15T00:00:00Z").map { $0["amount"] } == [40])
            #expect(try await rows(api, "from=2026-12-01T00:00:00Z&group_by=k").map { $0["k"] } == ["new"])
        }
    }

    @Test func `Engagement is a user's lifetime, by voice and model`() async throws {
        try await withTestAPI { api in
            let voice: JSON = ["dimensions": ["voice_slug": "ana", "model_slug": "m1", "duration_ms": "1500"], "reference_id": "d1"]
            try await post(api, "v1", 100, voice, meter: "premium_voice_characters")
            api.clock.move(to: "2027-02-02T00:00:00Z")
            try await post(api, "v2", 50, voice, meter: "server_voice_characters")
            let odd: JSON = ["dimensions": ["voice_slug": "bo", "duration_ms": "soon"], "reference_id": "d2"]
            try await post(api, "v3", 300, odd, meter: "server_voice_characters")
            try await post(api, "t1", 7, ["reference_id": "d3", "dimensions": ["duration_ms": "-4"]])
            _ = try await api.send(.put, "/v1/labels/model_slug/m1", ["label": "Model One"])
            let answer = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(answer["characters"] == 450 && answer["syntheses"] == 4 && answer["duration_ms"] == 3_000 && answer["documents"] == 3)
            let voices = try #require(answer["voices"]?.array)
            #expect(voices.map { $0["voice_slug"] } == ["ana", "bo"] && voices.map { $0["characters"] } == [150, 300])
            #expect(voices[0]["model_name"] == "Model One" && voices[0]["documents"] == 1 && voices[0]["duration_ms"] == 3_000)
            let nobody = try await api.send(.get, "/v1/usage/nobody/engagement").json
            #expect(nobody["characters"] == 0 && nobody["voices"] == [])
        }
    }
}
