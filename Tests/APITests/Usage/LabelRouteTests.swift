import HTTP
import JSON
import Metering
import Service
import Support
import Testing
import Web

@testable import API

struct LabelRouteTests {
    /// In the order of their bytes.
    private static let values = [
        String(repeating: "\u{1}", count: 256), "$ne", "A", "a b", "e\u{301}", "z", "\u{e9}", "\u{FFFF}", "\u{10FFFF}",
        String(repeating: "\u{10FFFF}", count: 256),
    ]

    private func put(_ api: TestAPI, _ dimension: String, _ value: String, _ label: JSON, as who: String = "usage") async throws
        -> TestAnswer
    {
        try await api.send(.put, "/v1/labels/\(dimension)/\(value)", as: who, ["label": label])
    }

    @Test func `A label is made, then replaced, and answered as it stands`() async throws {
        try await withTestAPI { api in
            let made = try await put(api, "x.y", "$ne", "First")
            #expect(made.status == 201 && made.json == ["dimension": "x.y", "value": "$ne", "label": "First"])
            let replaced = try await put(api, "x.y", "$ne", "Second")
            #expect(replaced.status == 200 && replaced.json["label"] == "Second")
            #expect(try await api.send(.get, "/v1/labels/x.y", as: "read").json["data"] == [["value": "$ne", "label": "Second"]])
        }
    }

    @Test func `The labels of a dimension are listed by value, page by page, without those of others`() async throws {
        try await withTestAPI { api in
            for value in Self.values.reversed() { #expect(try await put(api, "d", value, .string("of " + value.prefix(3))).status == 201) }
            for dimension in ["c", "d.", "e"] { #expect(try await put(api, dimension, "m", "Other").status == 201) }
            #expect(try await put(api, "d", "n", "Rival", as: "other").status == 201)
            var walked: [JSON] = []
            var cursor: String? = ""
            while let text = cursor {
                let path = "/v1/labels/d?limit=1" + (text.isEmpty ? "" : "&cursor=\(text)")
                let answer = try await api.send(.get, path, as: "read")
                #expect(answer.status == 200, "\(answer.text)")
                walked += answer.json["data"]?.array ?? []
                cursor = answer.json["next_cursor"]?.string
            }
            #expect(walked == Self.values.map { ["value": .string($0), "label": .string("of " + $0.prefix(3))] })
            #expect(try await api.send(.get, "/v1/labels/none", as: "read").json == ["data": [], "next_cursor": nil])
        }
    }

    @Test func `Values of equal letters and other bytes have labels of their own in a breakdown`() async throws {
        try await withTestAPI { api in
            for (number, value) in ["\u{E9}", "e\u{301}"].enumerated() {
                #expect(try await put(api, "model", value, .string("label \(number)")).status == 201)
                let event: JSON = ["event_id": "e\(number)", "user_id": "u", "amount": 1, "dimensions": ["model": .string(value)]]
                #expect(try await api.send(.post, "/v1/usage", event).status == 201)
            }
            let rows = try await api.send(.get, "/v1/usage/u/breakdown?group_by=model").json["data"]?.array ?? []
            let labels = rows.map { [$0["model"]?.string?.unicodeScalars.count ?? 0: $0["model_name"]] }
            #expect(labels.count == 2 && labels.contains([1: "label 0"]) && labels.contains([2: "label 1"]))
        }
    }

    private static let refused: [(dimension: String, value: String, label: JSON, field: String)] = [
        ("a b", "v", "L", "dimension"), ("$set", "v", "L", "dimension"), ("d", String(repeating: "v", count: 257), "L", "value"),
        ("d", "v", "", "label"), ("d", "v", .string(String(repeating: "l", count: 501)), "label"), ("d", "v", .null, "label"),
        ("d", "v", 7, "label"), ("d", "v", ["$set": "x"], "label"),
    ]

    @Test func `What is too long, empty or no name is refused by its field`() async throws {
        try await withTestAPI { api in
            for (dimension, value, label, field) in Self.refused {
                let answer = try await put(api, dimension, value, label)
                #expect(answer.status == 422 && answer.wrongFields == [field], "\(dimension) \(label)")
            }
            let longest = try await put(api, "d", String(repeating: "v", count: 256), .string(String(repeating: "l", count: 500)))
            #expect(longest.status == 201)
        }
    }

    @Test func `Fifty clients at once make one label`() async throws {
        try await withTestAPI { api in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<50 { group.addTask { try await put(api, "d", "v", .string("label \(index)")).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == Array(repeating: 200, count: 49) + [201])
        }
    }

    @Test func `End users read their own breakdowns and engagement, and no labels`() async throws {
        try await withTestAPI { api in
            let admitting = api.routes.filter { $0.access.admitsEndUsers }.map(\.pattern)
            #expect(admitting.contains("/v1/usage/{user_id}/breakdown") && admitting.contains("/v1/usage/{user_id}/engagement"))
            #expect(admitting.filter { $0.hasPrefix("/v1/labels") } == [])
        }
    }
}
