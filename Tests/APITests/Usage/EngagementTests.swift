import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

struct EngagementTests {
    private func post(_ api: TestAPI, _ meter: JSON, _ amount: Int64, _ dimensions: JSON, reference: JSON? = nil) async throws {
        var event: JSON.Object = ["user_id": "u1", "meter": meter, "amount": .integer(amount), "dimensions": dimensions]
        event["reference_id"] = reference
        #expect(try await api.send(.post, "/v1/usage", .object(event)).status == 201)
    }

    /// What a dimension `duration_ms` counts as.
    private static let durations: [(text: String, milliseconds: Int64)] = [
        ("1500", 1_500), ("0", 0), ("-4", 0), ("1.5", 0), ("1e3", 0), ("soon", 0), (" 7", 0), ("0x10", 0), ("NaN", 0),
        ("9007199254740991", Quantity.largest), ("9223372036854775807", Quantity.largest), ("9223372036854775808", 0),
        ("-9223372036854775808", 0),
    ]

    @Test(arguments: durations) func `A duration is a whole number, else nothing`(_ text: String, _ milliseconds: Int64) async throws {
        try await withTestAPI { api in
            try await post(api, "characters", 1, ["duration_ms": .string(text)])
            let answer = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(answer["duration_ms"] == .integer(milliseconds) && answer["syntheses"] == 1)
            #expect(answer["voices"]?.array?.map { $0["duration_ms"] } == [.integer(milliseconds)])
        }
    }

    @Test func `A sum past every number that JSON keeps stays the largest one`() async throws {
        try await withTestAPI { api in
            for meter in ["a_characters", "b_characters"] as [JSON] {
                try await post(api, meter, Quantity.largest, ["duration_ms": "9223372036854775807", "voice_slug": "v"], reference: meter)
            }
            let answer = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            for row in [answer, try #require(answer["voices"]?.array?.first)] {
                #expect(row["duration_ms"] == .integer(Quantity.largest) && row["characters"] == .integer(Quantity.largest))
                #expect(row["syntheses"] == 2 && row["documents"] == 2)
            }
        }
    }

    @Test func `Meters whose names end in characters are those of voices`() async throws {
        try await withTestAPI { api in
            for meter in ["characters", "server_voice_characters", "characters_left", "Characters", "tokens", "a.characters"] as [JSON] {
                try await post(api, meter, 10, ["voice_slug": meter, "duration_ms": "1"], reference: meter)
            }
            let answer = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(answer["characters"] == 30 && answer["syntheses"] == 6 && answer["duration_ms"] == 6 && answer["documents"] == 6)
            // Of as many characters, in the order of their names.
            let voices = answer["voices"]?.array?.map { $0["voice_slug"] }
            #expect(voices?.prefix(3) == ["a.characters", "characters", "server_voice_characters"] && voices?.count == 6)
        }
    }

    @Test func `Of very many voices, the two hundred with the most characters are shown, and all are counted`() async throws {
        try await withTestAPI { api in
            let events = (1...205).map { index -> JSON in
                [
                    "user_id": "u1", "meter": "characters", "amount": .integer(Int64(index)),
                    "dimensions": ["voice_slug": .string("v\(index)")],
                ]
            }
            #expect(try await api.send(.post, "/v1/usage/batch", ["events": .array(events)]).status == 200)
            let answer = try await api.send(.get, "/v1/usage/u1/engagement", as: "read").json
            #expect(answer["characters"] == 21_115 && answer["syntheses"] == 205)
            #expect(answer["voices"]?.array?.map { $0["characters"]?.integer } == (6...205).reversed().map { Int64($0) })
        }
    }
}
