import HTTP
import JSON
import Metering
import Testing
import Web

@testable import API

/// The OpenAPI document as the programs that read it need it.
struct DocumentTests {
    private static func document(_ api: TestAPI) async throws -> JSON { try await api.send(.get, "/openapi.json", as: nil).json }

    private static func operations(in document: JSON, _ part: String) -> [(name: String, operation: JSON)] {
        (document[part]?.object?.fields ?? []).flatMap { path in
            (path.value.object?.fields ?? []).map { ("\($0.name.uppercased()) \(path.name)", $0.value) }
        }
    }

    @Test func `Every operation has an id of its own that a person would choose`() async throws {
        try await withTestAPI { api in
            let document = try await Self.document(api)
            let operations = Self.operations(in: document, "paths") + Self.operations(in: document, "webhooks")
            let ids = operations.compactMap { $0.operation["operationId"]?.string }
            #expect(ids.count == operations.count && Set(ids).count == ids.count)
            #expect(ids.allSatisfy { $0.first?.isLowercase == true && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
            #expect(
                Set(ids).isSuperset(of: [
                    "recordUsage", "createSubscription", "checkUsage", "createReservation", "receiveAlertCrossedMessage",
                ]))
            let routes = Dictionary(uniqueKeysWithValues: api.routes.map { ("\($0.method.name) \($0.pattern)", $0.id) })
            for (name, operation) in Self.operations(in: document, "paths") {
                #expect(operation["operationId"]?.string == routes[name], "\(name)")
            }
        }
    }

    @Test func `Every object and every choice has a name, so that no program makes up one`() async throws {
        try await withTestAPI { api in
            let document = try await Self.document(api)
            for (name, schema) in (document["components"]?["schemas"]?.object?.fields ?? []).map({ ($0.name, $0.value) }) {
                #expect(name.wholeMatch(of: /[A-Z][A-Za-z0-9]*[A-Za-z]|[A-Z][A-Za-z]*Token1h/) != nil, "\(name)")
                for part in Self.parts(of: schema) { #expect(Self.unnamed(in: part) == [], "\(name)") }
            }
            for (name, operation) in Self.operations(in: document, "paths") + Self.operations(in: document, "webhooks") {
                #expect(Self.unnamed(in: operation) == [], "\(name)")
            }
        }
    }

    /// The schemas right below one.
    private static func parts(of schema: JSON) -> [JSON] {
        (schema["properties"]?.object?.fields.map(\.value) ?? []) + [schema["items"], schema["additionalProperties"]].compactMap(\.self)
            + (schema["anyOf"]?.array ?? [])
    }

    /// Objects and choices that are written out where they stand. Examples are not looked at.
    private static func unnamed(in value: JSON) -> [String] {
        switch value {
        case .object(let object):
            let own = object["enum"]?.array != nil || object["properties"]?.object != nil
            return (own ? ["\(value)"] : [])
                + object.fields.filter { !["example", "examples"].contains($0.name) }.flatMap { unnamed(in: $0.value) }
        case .array(let elements): return elements.flatMap(unnamed)
        default: return []
        }
    }

    @Test func `Every parameter and every webhook is described`() async throws {
        try await withTestAPI { api in
            let document = try await Self.document(api)
            for (name, operation) in Self.operations(in: document, "paths") + Self.operations(in: document, "webhooks") {
                #expect(operation["summary"]?.string?.isEmpty == false, "\(name)")
                for parameter in operation["parameters"]?.array ?? [] where parameter["$ref"] == nil {
                    #expect(parameter["description"]?.string?.isEmpty == false, "\(name) \(parameter["name"] ?? .null)")
                }
            }
            #expect(document["servers"]?.array?.first?["url"] == "/")
            let types = Set(WebhookType.allCases.map(\.rawValue))
            #expect(Set(document["webhooks"]?.object?.fields.map(\.name) ?? []) == types)
            let stripe = document["paths"]?["/v1/webhooks/stripe/{shop_id}"]?["post"]?["requestBody"]?["content"]?["application/json"]
            #expect(stripe?["schema"] == ["$ref": "#/components/schemas/StripeWebhookEvent"])
        }
    }

    @Test func `Every body and every answer has an example, which fits`() async throws {
        try await withTestAPI { api in
            let document = try await Self.document(api)
            for route in api.routes {
                let operation = try #require(document["paths"]?[route.pattern]?[route.method.name.lowercased()])
                if let content = operation["requestBody"]?["content"]?["application/json"] {
                    let example = try #require(content["example"], "\(route.id)")
                    let errors = route.body.schemas.first?.validate(example) ?? []
                    #expect(errors == [], "\(route.id): \(example)")
                }
                for answer in route.answers {
                    for (mediaType, schema) in answer.content where mediaType == MediaType.json {
                        let content = operation["responses"]?["\(answer.status)"]?["content"]?[mediaType]
                        let example = try #require(content?["example"], "\(route.id)")
                        #expect(schema.validate(example) == [], "\(route.id) \(answer.status): \(example)")
                    }
                }
            }
        }
    }

    /// Those of bodies whose parts are checked by the handler.
    @Test func `The example of a batch has events that are recorded`() async throws {
        try await withTestAPI { api in
            let document = try await Self.document(api)
            let body = document["paths"]?["/v1/usage/batch"]?["post"]?["requestBody"]?["content"]?["application/json"]?["example"]
            try await api.putPlan("free", tokens: 1_000)
            let answer = try await api.send(.post, "/v1/usage/batch", body)
            #expect(answer.json["results"]?.array?.allSatisfy { $0["status"] == "recorded" } == true, "\(answer.text)")
        }
    }
}
