import HTTP
import JSON
import Support
import Testing

@testable import API

struct CloudEventTests {
    private static let event: JSON.Object = [
        "specversion": "1.0", "id": "1", "source": "https://a.example/x", "type": "tokens", "subject": "u1",
        "datacontenttype": "application/json",
        "data": ["value": "70", "model": "m", "cached": true, "nested": ["a": 1]],
    ]

    private func post(_ api: TestAPI, _ body: JSON?, as type: String, to path: String = "/v1/usage") async throws -> TestAnswer {
        try await api.send(.post, path, body, headers: ["content-type": type])
    }

    @Test func `A structured event counts once for its source and id`() async throws {
        try await withTestAPI { api in
            let type = "application/cloudevents+json; charset=utf-8"
            let made = try await post(api, .object(Self.event), as: type)
            #expect(made.status == 201 && made.json["event_id"] == "https://a.example/x 1" && made.json["user_id"] == "u1")
            #expect(made.json["amount"] == 70 && made.json["meter"] == "tokens")
            var again = Self.event
            again["time"] = "2026-11-10T09:00:00Z"
            #expect(try await post(api, .object(again), as: type).json["duplicate"] == true)
            var other = Self.event
            other["source"] = "https://b.example/x"
            #expect(try await post(api, .object(other), as: type).status == 201)
            let logged = try await api.send(.get, "/v1/usage/u1/events").json["data"]?.array
            #expect(logged?.count == 2 && logged?.last?["dimensions"] == ["cached": "true", "model": "m"])
            other["subject"] = nil
            #expect(try await post(api, .object(other), as: type).wrongFields == ["subject"])
            other["specversion"] = "0.3"
            #expect(try await post(api, .object(other), as: type).wrongFields == ["specversion"])
            #expect(try await post(api, .object(Self.event), as: "application/cloudevents").code == "unsupported_media_type")
        }
    }

    @Test func `An event in headers has its data as the body, with or without a type`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(
                .post, "/v1/usage", ["amount": 3],
                headers: [
                    "ce-specversion": "1.0", "ce-id": "9", "ce-source": "/s", "ce-type": "requests", "ce-subject": "u%C3%A9",
                    "ce-time": "2026-11-10T12:00:00Z",
                ])
            let again = try await api.send(
                .post, "/v1/usage", ["amount": 3],
                headers: [
                    "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "9", "ce-source": "/s", "ce-type": "requests",
                    "ce-subject": "u%C3%A9",
                ])
            #expect(again.status == 200 && again.json["duplicate"] == true)
            let text = try await api.send(
                .post, "/v1/usage", ["amount": 3],
                headers: ["content-type": "text/plain", "ce-specversion": "1.0", "ce-id": "9", "ce-source": "/s", "ce-type": "requests"])
            #expect(text.status == 415)
            #expect(made.status == 201 && made.json["user_id"] == "ué" && made.json["meter"] == "requests" && made.json["amount"] == 3)
            #expect(made.json["event_id"] == "/s 9")
        }
    }

    @Test func `A batch counts its good events, and says what is wrong with the others`() async throws {
        try await withTestAPI { api in
            let events = JSON.array(
                (0..<3).map { number in
                    var event = Self.event
                    event["id"] = .string("\(number)")
                    if number == 1 { event["subject"] = nil }
                    return .object(event)
                })
            let made = try await post(api, events, as: "application/cloudevents-batch+json", to: "/v1/usage/batch")
            #expect(made.json["results"]?.array?.map { $0["status"] } == ["recorded", "rejected", "recorded"])
        }
    }
}
