import JSON
import Synchronization
import Testing

@testable import Web

struct SchemaTests {
    @Test func `A value or a name is one that is declared only when its bytes are`() {
        let kelvin = "\u{212A}"
        #expect(kelvin == "K", "else it proves nothing")
        #expect(Schema.enumeration(["K"]).validate(.string(kelvin)).count == 1 && Schema.enumeration(["K"]).validate("K").isEmpty)
        let schema = Schema.object([.optional("K", .boolean)])
        #expect(schema.validate(.object(JSON.Object(unique: [JSON.Object.Field(name: kelvin, value: true)]))).count == 1)
        #expect(schema.validate(["K": true]).isEmpty)
    }

    private static let event = Schema.object([
        .required("user_id", .identifier), .required("amount", .quantity), .optional("meter", .identifier, default: "tokens"),
        .optional("occurred_at", .time), .optional("dimensions", .map(values: .string(0...3), keys: .identifier, maximumCount: 2)),
        .optional("limit", .nullable(.quantity)), .optional("enforce", .boolean), .optional("price", .money),
    ])

    @Test(
        arguments: [
            ["user_id": "u", "amount": .number("1.0")], ["user_id": "u", "amount": .number("9.007199254740991e15")],
            ["user_id": "u", "amount": 0], ["user_id": "u", "amount": 9_007_199_254_740_991],
            [
                "amount": 1, "user_id": "u:1@x", "meter": "api_calls", "occurred_at": "2026-11-20T23:10:00Z",
                "dimensions": ["a": "é€😀", "b": ""],
                "limit": nil, "enforce": true, "price": "29.00",
            ],
        ] as [JSON])
    func `A body that is as described has no errors`(body: JSON) {
        #expect(Self.event.validate(body).isEmpty)
    }

    @Test(
        arguments: [
            ([], "body", "expected an object"), ("x", "body", "expected an object"), (nil, "body", "expected an object"),
            (["amount": 1], "user_id", "is required"),
            (["user_id": "u", "amount": -1], "amount", "expected an integer from 0 to 9007199254740991"),
            (["user_id": "u", "amount": 9_007_199_254_740_992], "amount", "expected an integer from 0 to 9007199254740991"),
            (["user_id": "u", "amount": .number("1.5")], "amount", "expected an integer from 0 to 9007199254740991"),
            (["user_id": "u", "amount": "1"], "amount", "expected an integer from 0 to 9007199254740991"),
            (["user_id": "u", "amount": nil], "amount", "expected an integer from 0 to 9007199254740991"),
            (["user_id": "u v", "amount": 1], "user_id", "expected 1 to 128 characters of A-Z a-z 0-9 . _ : @ -"),
            (["user_id": "u", "amount": 1, "ammount": 1], "ammount", "unknown field; did you mean amount?"),
            (["user_id": "u", "amount": 1, "colour": 1], "colour", "unknown field"),
            (["user_id": "u", "amount": 1, "meter": nil], "meter", "expected 1 to 128 characters of A-Z a-z 0-9 . _ : @ -"),
            (["user_id": "u", "amount": 1, "limit": -1], "limit", "expected an integer from 0 to 9007199254740991, or null"),
            (["user_id": "u", "amount": 1, "enforce": "true"], "enforce", "expected true or false"),
            (
                ["user_id": "u", "amount": 1, "dimensions": ["a": "éééé"]], "dimensions.a",
                "expected text of 0 to 3 characters without U+0000"
            ),
            (
                ["user_id": "u", "amount": 1, "dimensions": ["a": "b\u{0}"]], "dimensions.a",
                "expected text of 0 to 3 characters without U+0000"
            ),
            (
                ["user_id": "u", "amount": 1, "dimensions": ["a": ["b"]]], "dimensions.a",
                "expected text of 0 to 3 characters without U+0000"
            ),
            (
                ["user_id": "u", "amount": 1, "dimensions": ["a": "", "b": "", "c": ""]], "dimensions",
                "expected an object of at most 2 fields"
            ),
            (
                ["user_id": "u", "amount": 1, "dimensions": ["$a": ""]], "dimensions.$a",
                "expected a name of 1 to 128 characters of A-Z a-z 0-9 . _ : @ -"
            ),
            (["user_id": ["$ne": nil], "amount": 1], "user_id", "expected 1 to 128 characters of A-Z a-z 0-9 . _ : @ -"),
        ] as [(JSON, String, String)])
    func `What is wrong is said by its field`(body: JSON, field: String, message: String) {
        #expect(Self.event.validate(body) == [FieldError(field: field, message: message)])
    }

    @Test func `Every error is told, with the way to it`() {
        let batch = Schema.object([.required("events", .array(of: Self.event, count: 1...1000))])
        let body: JSON = ["events": [["user_id": "u", "amount": 1], ["amount": "x", "dimensions": ["k": 1]], 7]]
        #expect(
            batch.validate(body).map(\.field).sorted() == ["events[1].amount", "events[1].dimensions.k", "events[1].user_id", "events[2]"])
        #expect(batch.validate(["events": []]).map(\.message) == ["expected an array of 1 to 1000 elements"])
        let nested = Schema.array(of: .array(of: .boolean))
        #expect(nested.validate([[true], [true, 1]]).map(\.field) == ["[1][1]"])
    }

    @Test func `Twenty errors are enough, and a client's long name is cut`() {
        let many = Schema.array(of: .boolean)
        #expect(many.validate(.array(Array(repeating: 1, count: 1000))).count == 20)
        let name = String(repeating: "n", count: 5000)
        let unknown = JSON.object(JSON.Object(unique: [JSON.Object.Field(name: name, value: 1)]))
        #expect(Schema.object([]).validate(unknown).first?.field.count == 64)
    }

    @Test func `The length of text is counted in scalars`() {
        let three = Schema.string(1...3)
        #expect(three.validate("👨‍👩‍👧") != [])
        for text in ["a", "abc", "😀😀😀"] { #expect(three.validate(.string(text)).isEmpty) }
        for text in ["", "abcd", "😀😀😀😀"] { #expect(!three.validate(.string(text)).isEmpty) }
    }

    @Test func `An answer is checked like a body`() {
        let answer = Schema.answer([.required("status", .enumeration(["active", "canceled"])), .optional("pct", .number)])
        #expect(answer.validate(["status": "active", "pct": .number("45.5")]).isEmpty)
        #expect(answer.validate(["status": "gone"]).map(\.message) == ["expected one of active, canceled"])
        #expect(answer.validate(["status": "active", "extra": 1]).map(\.field) == ["extra"])
    }

    @Test(
        arguments: [
            ("ammount", "amount"), ("user", nil), ("userid", "user_id"), ("Amount", "amount"), ("x", nil), ("mount", "amount"), ("", nil),
        ] as [(String, String?)])
    func `A slip of the pen is understood`(given: String, meant: String?) {
        #expect(Likeness.nearest(to: given, among: ["user_id", "amount", "meter", "id"]) == meant)
    }

    @Test func `A text that stands for a value is parsed once, wherever it is in a body`() {
        let parsed = Atomic(0)
        let seconds = Schema.text(
            TextFormat(expectation: "seconds", keywords: [:]) { text in
                parsed.add(1, ordering: .relaxed)
                return Int64(text).map { .integer($0 * 1000) }
            })
        let schema = Schema.object([
            .required("at", seconds), .required("list", .array(of: .nullable(seconds))),
            .required("map", .map(values: seconds, keys: .identifier)), .required("rest", .documented(seconds)),
        ])
        var body: JSON = ["at": "1", "list": ["2", nil], "map": ["a": "3"], "rest": "4"]
        #expect(schema.read(&body).isEmpty)
        #expect(body == ["at": 1000, "list": [2000, nil], "map": ["a": 3000], "rest": "4"])
        #expect(parsed.load(ordering: .relaxed) == 3)
        var wrong: JSON = ["at": "x", "list": [], "map": [:], "rest": 0]
        #expect(schema.read(&wrong).map(\.field) == ["at"])
    }

    @Test func `A read that the schema does not warrant is a mistake and no trap`() throws {
        let object: JSON.Object = ["a": "x y", "n": 1, "z": nil]
        #expect(try object.text("a") == "x y")
        #expect(try object.integer("n") == 1)
        #expect(try object.text(ifAny: "z") == nil)
        #expect(try object.bool(ifAny: "b") == nil)
        #expect(throws: WrongRead.self) { try object.integer("a") }
        #expect(throws: WrongRead.self) { try object.text("z") }
        #expect(throws: WrongRead.self) { try object.array("b") }
    }
}
