import HTTP
import JSON
import Testing

@testable import Web

struct OpenAPITests {
    private static let information = OpenAPI.Information(
        title: "Sample", version: "1", description: "A sample.", tags: [("sample", "Samples."), ("operating", "Operating.")],
        securitySchemes: [:], problem: Schema.answer(Problem.fields(codes: [.notFound], own: [])).named("Problem"), identifier: .identifier)

    private func document() async throws -> JSON {
        let served = try OpenAPI.route(for: SampleRoutes.all, Self.information, tag: "operating", access: .open)
        let table = try RouteTable(SampleRoutes.all + [served])
        let dispatcher = Dispatcher(table: table, requestID: .identifier, authenticate: { _, _ in nil }, report: { _, _ in })
        let response = await dispatcher.respond(to: Request(method: .get, path: ["openapi.json"]))
        #expect(response.status == 200)
        return try #require(response.json)
    }

    /// Every object below, with the way to it.
    private func objects(in value: JSON, at path: String = "") -> [(path: String, object: JSON.Object)] {
        switch value {
        case .object(let object):
            [(path, object)] + object.fields.flatMap { objects(in: $0.value, at: "\(path)/\($0.name)") }
        case .array(let elements): elements.enumerated().flatMap { objects(in: $1, at: "\(path)/\($0)") }
        default: []
        }
    }

    @Test func `Every route is there once, with an id, its tag, its answers and who may call it`() async throws {
        let document = try await document()
        #expect(document["openapi"] == "3.1.0" && document["info"]?["title"] == "Sample")
        let operations = try #require(document["paths"]?.object).fields.flatMap { $0.value.object?.fields ?? [] }
        #expect(operations.count == SampleRoutes.all.count + 1)
        #expect(Set(operations.compactMap { $0.value["operationId"]?.string }).count == operations.count)
        for operation in operations {
            let statuses = operation.value["responses"]?.object?.fields.map(\.name) ?? []
            #expect(statuses.contains { $0.hasPrefix("2") } && statuses.contains("500"))
            // What the HTTP layer refuses before there is a route.
            for status in ["400", "408", "414", "431"] { #expect(statuses.contains(status)) }
            let hasBody = operation.value["requestBody"] != nil
            for status in ["413", "415"] { #expect(statuses.contains(status) == hasBody) }
            #expect(operation.value["security"]?.array != nil && operation.value["tags"]?.array?.count == 1)
        }
    }

    @Test func `Every reference leads somewhere`() async throws {
        let document = try await document()
        let references = objects(in: document).compactMap { $0.object["$ref"]?.string }
        #expect(references.count > 20)
        for reference in Set(references) {
            let target = reference.dropFirst(2).split(separator: "/").reduce(JSON?.some(document)) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test func `What stands in a path's braces is declared as a parameter that it must have`() async throws {
        let paths = try #require(try await document()["paths"]?.object)
        for path in paths.fields {
            let names = path.name.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
            for operation in path.value.object?.fields ?? [] {
                let declared = (operation.value["parameters"]?.array ?? []).filter { $0["in"] == "path" }
                #expect(declared.compactMap { $0["name"]?.string } == names)
                #expect(declared.allSatisfy { $0["required"] == true && $0["schema"] != nil })
            }
        }
    }

    @Test func `A body is described as it is checked`() async throws {
        let document = try await document()
        let post = try #require(document["paths"]?["/v1/usage"]?["post"])
        #expect(post["requestBody"]?["content"]?["application/json"]?["schema"] == ["$ref": "#/components/schemas/Sample"])
        #expect(
            document["components"]?["schemas"]?["Sample"] == [
                "type": "object", "required": ["user_id", "amount"],
                "properties": [
                    "user_id": ["type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$"],
                    "amount": ["type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991],
                ], "additionalProperties": false,
            ])
        #expect(post["responses"]?["409"] == ["$ref": "#/components/responses/conflict_or_idempotency_conflict"])
        #expect(post["security"] == [["api_key": ["usage"]]])
        #expect(document["paths"]?["/v1/usage/{user_id}"]?["get"]?["security"] == [["api_key": ["read"]], ["end_user": []]])
        #expect(document["paths"]?["/healthz"]?["get"]?["security"] == [])
    }

    @Test(
        arguments: [
            (
                .nullable(.quantity),
                ["anyOf": [["type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991], ["type": "null"]]]
            ),
            (
                .string(1...5).described("A name."),
                ["type": "string", "pattern": "^[^\\u0000]*$", "minLength": 1, "maxLength": 5, "description": "A name."]
            ),
            (.array(of: .boolean, count: 1...3), ["type": "array", "items": ["type": "boolean"], "minItems": 1, "maxItems": 3]),
            (.array(of: .boolean), ["type": "array", "items": ["type": "boolean"]]),
            (
                .map(values: .number, keys: .currency, maximumCount: 4),
                [
                    "type": "object", "propertyNames": ["pattern": "^[A-Z]{3}$", "examples": ["EUR"]],
                    "additionalProperties": ["type": "number"], "maxProperties": 4,
                ]
            ),
            (.enumeration(["a", "b"]), ["type": "string", "enum": ["a", "b"]]), (.enumeration(["a"]), ["type": "string", "const": "a"]),
            (
                .answer([.optional("a", .boolean, default: false)]),
                ["type": "object", "properties": ["a": ["type": "boolean", "default": false]]]
            ),
            (.boolean.named("B").described("It."), ["$ref": "#/components/schemas/B", "description": "It."]), (.any, [:]),
        ] as [(Schema, JSON)])
    func `A schema is written in the words of JSON Schema`(schema: Schema, words: JSON) {
        #expect(schema.openAPI == words)
    }

    @Test func `What was given no name has that of its place`() throws {
        let inner = Schema.object([.required("kind", .enumeration(["a", "b"])), .required("only", .enumeration(["a"]))])
        let route = Route(
            .get, "/a", id: "listThings", "x", tag: "sample", access: .open,
            answers: [
                .json(200, "x", .answer([.required("last_one", .nullable(inner)), .required("parts", .array(of: inner))])),
                .json(201, "x", Schema.answer([.required("state", .enumeration(["a", "b"]).named("State"))]).named("Other")),
            ]
        ) { _ in .empty }
        let document = try OpenAPI.document(of: [route], Self.information)
        let schemas = try #require(document["components"]?["schemas"]?.object)
        #expect(
            Set(schemas.fields.map(\.name)).subtracting(["Problem", "ProblemCode", "FieldError"]) == [
                "ListThingsAnswer", "ListThingsAnswerLastOne", "ListThingsAnswerLastOneKind", "ListThingsAnswerPart",
                "ListThingsAnswerPartKind",
                "Other", "State",
            ])
        #expect(schemas["ListThingsAnswerPart"]?["properties"]?["only"]?["const"] == "a")
        let references = objects(in: document).compactMap { $0.object["$ref"]?.string?.split(separator: "/").last.map(String.init) }
        #expect(Set(references.filter { $0 != "Problem" && schemas[$0] != nil }).isSubset(of: Set(schemas.fields.map(\.name))))
    }

    @Test func `An example fits its schema, with the words of the interface where they do`() throws {
        let samples = Samples(words: ["amount": ["29.00", 7], "name": ["Ada"], "tags": [["x"]]])
        let fields: [Schema.Field] = [
            .required("amount", .integer(5...9)), .optional("name", .string(1...3)), .required("tags", .array(of: .string(1...2))),
            .required("size", .integer(20...30)), .required("kind", .enumeration(["b", "a"])), .required("code", .text(.currency)),
            .required("any", .any), .required("by", .map(values: .boolean, keys: .currency)), .required("long", .string(6...9)),
        ]
        let answer: JSON = [
            "amount": 7, "name": "Ada", "tags": ["x"], "size": 20, "kind": "b", "code": "EUR", "any": [:], "by": ["EUR": true],
            "long": "xxxxxx",
        ]
        #expect(samples.value(of: .answer(fields)) == answer)
        #expect(samples.value(of: .object(fields))["name"] == nil, "a client need not send it")
        #expect(samples.value(of: .nullable(.answer(fields).sampled(["amount": 9]))) == ["amount": 9])
        #expect(samples.value(of: .string(1...2), under: "name") == "te", "the word does not fit")
    }

    @Test func `One name cannot stand for two schemas`() throws {
        func route(_ pattern: String, _ schema: Schema) -> Route {
            Route(.get, pattern, id: pattern, "x", tag: "sample", access: .open, answers: [.json(200, "x", schema)]) { _ in .empty }
        }
        let same = [route("/a", .boolean.named("X")), route("/b", .boolean.named("X").described("With a note."))]
        _ = try OpenAPI.document(of: same, Self.information)
        #expect(throws: NameConflict(name: "X")) {
            try OpenAPI.document(of: [route("/a", .boolean.named("X")), route("/b", .number.named("X"))], Self.information)
        }
    }
}
