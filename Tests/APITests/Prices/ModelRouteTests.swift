import HTTP
import JSON
import Testing

@testable import API

struct ModelRouteTests {
    private static let path = "/v1/models/deepseek%2Fdeepseek-chat/price"

    private func put(_ api: TestAPI, _ fields: JSON.Object, as who: String = "billing", path: String = path) async throws -> TestAnswer {
        var body: JSON.Object = ["input_per_million": "0.28", "output_per_million": "0.42"]
        for field in fields.fields { body[field.name] = field.value }
        return try await api.send(.put, path, as: who, .object(body))
    }

    @Test func `A price is stored, is the same again, and is never changed`() async throws {
        try await withTestAPI { api in
            let from: JSON.Object = ["effective_from": "2026-11-01T01:00:00+01:00", "currency": "EUR"]
            let made = try await put(api, from)
            let answer: JSON = [
                "model": "deepseek/deepseek-chat", "input_per_million": "0.28", "output_per_million": "0.42",
                "classes": ["input": ["per_million": "0.28"], "output": ["per_million": "0.42"]], "fallbacks": [:], "units": [:],
                "markup_percent": "0.00", "currency": "EUR", "effective_from": "2026-11-01T00:00:00.000Z",
            ]
            #expect(made.status == 201 && made.json == answer)
            let again = try await put(api, ["effective_from": "2026-11-01T00:00:00Z", "output_per_million": "0.4200"])
            #expect(again.status == 200 && again.json == answer)
            #expect(try await put(api, ["effective_from": "2026-11-01T00:00:00Z", "output_per_million": "0.43"]).code == "conflict")
            #expect(try await put(api, ["effective_from": "2026-10-31T23:59:59.999Z"]).code == "conflict")
            #expect(try await api.send(.get, Self.path, as: "billing").json == answer)
        }
    }

    @Test func `A price is the one of its time, and of its shop`() async throws {
        try await withTestAPI { api in
            let made = try await put(api, [:])
            #expect(made.json["effective_from"] == "2026-11-10T12:00:00.000Z")
            #expect(try await put(api, ["effective_from": "2026-12-01T00:00:00Z", "input_per_million": "0.1"]).status == 201)
            for (time, price) in [
                ("2026-11-30T23:59:59.999Z", "0.28"), ("2026-12-01T00:00:00.000Z", "0.10"), ("2999-01-01T00:00:00Z", "0.10"),
            ] {
                #expect(try await api.send(.get, Self.path + "?at=\(time)").json["input_per_million"] == .string(price))
            }
            #expect(try await api.send(.get, Self.path + "?at=2026-11-10T11:59:59.999Z").code == "not_found")
            #expect(try await api.send(.get, Self.path + "?at=yesterday").wrongFields == ["at"])
            #expect(try await api.send(.get, Self.path, as: "other").code == "not_found")
            #expect(try await api.send(.get, "/v1/models/deepseek/price").code == "not_found")
        }
    }

    @Test func `A price has classes, steps, tiers, fallbacks, units and a markup, and comes back as it was put`() async throws {
        try await withTestAPI { api in
            let above: JSON = [["tokens": 200_000, "per_million": "0.56"]]
            let batch: JSON = ["per_million": "0.14", "above": [["tokens": 200_000, "per_million": "0.30"]]]
            let classes: JSON = [
                "input": ["per_million": "0.28", "above": above, "tiers": ["batch": batch]],
                "output": ["per_million": "0.42"], "cache_read": ["per_million": "0.028"],
                "input_audio": ["per_million": nil, "tiers": ["flex": ["per_million": "1.00"]]],
            ]
            let parts: JSON.Object = [
                "classes": classes, "fallbacks": ["reasoning": "output"], "units": ["per_request": "0.0010"], "markup_percent": "20.00",
            ]
            let answer = try await put(api, parts)
            #expect(answer.status == 201 && answer.json["classes"] == classes && answer.json["fallbacks"] == ["reasoning": "output"])
            #expect(answer.json["units"] == ["per_request": "0.001"] && answer.json["markup_percent"] == "20.00")
            #expect(try await put(api, parts).status == 200)
            #expect(try await api.send(.get, Self.path).json == answer.json)
            let wrong: [(JSON.Object, String)] = [
                (["classes": ["input": ["per_million": "9"]]], "classes.input.per_million"),
                (["classes": ["cache_read": ["above": above]]], "classes.cache_read.per_million"),
                (["classes": ["cache": ["per_million": "9"]]], "classes.cache"),
                (["fallbacks": ["reasoning": "audio"]], "fallbacks.reasoning"),
                (["fallbacks": ["reasoning": "input_audio"]], "fallbacks.reasoning"), (["units": ["per_token": "1"]], "units.per_token"),
                (["markup_percent": "10001"], "markup_percent"),
                (["input_per_million": nil, "output_per_million": nil], "input_per_million"),
                (
                    ["classes": ["input": ["above": [["tokens": 5, "per_million": "1"], ["tokens": 5, "per_million": "1"]]]]],
                    "classes.input.above"
                ),
                (["classes": ["input": ["tiers": ["slow": ["per_million": "1"]]]]], "classes.input.tiers.slow"),
            ]
            for (fields, field) in wrong { #expect(try await put(api, fields).wrongFields == [field], "\(fields)") }
        }
    }

    @Test func `An alias, a maker's prefix and a date lead to the price, and nothing else does`() async throws {
        try await withTestAPI { api in
            _ = try await put(api, [:], path: "/v1/models/gpt-4o/price")
            let alias: JSON = ["model": "gpt-4o"]
            #expect(try await api.send(.put, "/v1/models/fast/alias", as: "billing", alias).json == ["alias": "fast", "model": "gpt-4o"])
            for name in ["fast", "openai%2Fgpt-4o", "gpt-4o-2024-08-06", "openai%2Fgpt-4o-20240806"] {
                #expect(try await api.send(.get, "/v1/models/\(name)/price").json["model"] == "gpt-4o", "\(name)")
            }
            #expect(try await api.send(.put, "/v1/models/fast/alias", ["model": nil]).status == 200)
            for name in ["fast", "azure%2Fgpt-4o", "gpt-4", "gpt-4o-mini", "gpt-4o-2024"] {
                #expect(try await api.send(.get, "/v1/models/\(name)/price").code == "not_found", "\(name)")
            }
        }
    }

    private static let refused: [(fields: JSON.Object, field: String)] = [
        (["input_per_million": "0", "output_per_million": "0.00"], "output_per_million"),
        (["input_per_million": "-1"], "input_per_million"),
        (["output_per_million": "-0.01"], "output_per_million"), (["input_per_million": 1], "input_per_million"),
        (["input_per_million": "1e-3"], "input_per_million"), (["input_per_million": "0.00000000001"], "input_per_million"),
        (["currency": "USD"], "currency"), (["currency": "euro"], "currency"), (["effective_from": "2026-11-01"], "effective_from"),
        (["effective": "2026-11-01T00:00:00Z"], "effective"),
    ]

    @Test func `What is no price is refused by its field, and a name that is none`() async throws {
        try await withTestAPI { api in
            for (fields, field) in Self.refused {
                let answer = try await put(api, fields)
                #expect(answer.status == 422 && answer.wrongFields == [field], "\(fields): \(answer.text)")
            }
            #expect(try await put(api, [:], path: "/v1/models/a b/price").wrongFields == ["model"])
            #expect(try await api.send(.get, "/v1/models", as: "billing").json == ["data": [], "next_cursor": nil])
            let largest: JSON = "999999999999999.9999999999"
            #expect(try await put(api, ["input_per_million": largest]).json["input_per_million"] == largest)
        }
    }

    @Test func `Models are listed by name, page by page, with the price in force now`() async throws {
        try await withTestAPI { api in
            let names = ["A", "a%2Fb", "gpt-4o", "z"]
            for name in names.reversed() { #expect(try await put(api, [:], path: "/v1/models/\(name)/price").status == 201) }
            let later: JSON.Object = ["effective_from": "2026-12-01T00:00:00Z", "input_per_million": "9"]
            for name in ["gpt-4o", "to-come"] { #expect(try await put(api, later, path: "/v1/models/\(name)/price").status == 201) }
            #expect(try await put(api, [:], as: "other", path: "/v1/models/rival/price").status == 201)
            let first = try await api.send(.get, "/v1/models?limit=3", as: "billing").json
            #expect(first["data"]?.array?.map { $0["model"] } == ["A", "a/b", "gpt-4o"])
            #expect(first["data"]?.array?.allSatisfy { $0["input_per_million"] == "0.28" } == true)
            let cursor = try #require(first["next_cursor"]?.string)
            let second = try await api.send(.get, "/v1/models?limit=3&cursor=\(cursor)", as: "billing").json
            #expect(second["data"]?.array?.map { $0["model"] } == ["z"] && second["next_cursor"] == .null)
        }
    }
}
