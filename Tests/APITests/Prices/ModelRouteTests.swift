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
                "model": "deepseek/deepseek-chat", "input_per_million": "0.28", "output_per_million": "0.42", "currency": "EUR",
                "effective_from": "2026-11-01T00:00:00.000Z",
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
