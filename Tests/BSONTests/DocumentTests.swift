import Testing

@testable import BSON

@Suite struct `Documents` {
    @Test func `Setting changes a field in its position, appends one, or removes it`() {
        var document: Document = ["a": 1, "b": 2]
        document["a"] = "one"
        document["c"] = nil
        document["d"] = true
        document["b"] = nil
        #expect(document == ["a": "one", "d": true])
        #expect(document != ["d": true, "a": "one"])
        #expect(document.map(\.key) == ["a", "d"])
    }

    @Test func `Of two fields with one name the first is found and both are kept`() throws {
        let document: Document = ["a": 1, "a": 2]
        #expect(document["a"] == 1)
        #expect(try Document(bytes: document.bytes()).count == 2)
    }

    @Test func `A literal null is a null and nil is no field`() {
        let document: Document = ["a": nil]
        #expect(document["a"] == .null)
        #expect(document.count == 1)
    }

    @Test func `Fields come as their types`() throws {
        let document = Document.everything
        #expect(try document.string("string") == "text")
        #expect(try document.int64("int64") == .min)
        #expect(try document.int64("int32") == Int64(Int32.max))
        #expect(try document.double("double") == -0.1)
        #expect(try document.bool("true"))
        #expect(try document.date("date") == -1)
        #expect(try document.objectID("id").description == "0102030405060708090a0b0c")
        #expect(try document.decimal("decimal").description == "12345")
        #expect(try document.binary("binary") == [0, 1, 255])
        #expect(try document.document("document").count == 2)
        #expect(try document.array("array").count == 4)
    }

    @Test func `A missing or wrong field is named with the type that was expected`() {
        let document: Document = ["n": "text", "null": nil]
        #expect(throws: BSONError.missing(field: "x")) { try document.int64("x") }
        #expect(throws: BSONError.wrongType(field: "n", expected: "long", found: "string")) { try document.int64("n") }
        #expect(throws: BSONError.wrongType(field: "null", expected: "string", found: "null")) { try document.string("null") }
        #expect(throws: BSONError.wrongType(field: "n", expected: "date", found: "string")) { try document.optionalDate("n") }
    }

    @Test func `An optional field is nil where it is missing or null`() throws {
        let document: Document = ["n": 1, "null": nil]
        #expect(try document.optionalInt64("n") == 1)
        #expect(try document.optionalInt64("null") == nil)
        #expect(try document.optionalString("x") == nil)
    }
}

@Suite struct `Ids and decimals` {
    @Test func `Ids grow, differ, and read back from their text`() throws {
        let ids = (0..<100).map { _ in ObjectID() }
        #expect(Set(ids).count == 100)
        #expect(ids == ids.sorted())
        for id in ids { #expect(ObjectID(id.description) == id) }
        #expect(try #require(ObjectID("00000000000000000000000A")).description == "00000000000000000000000a")
    }

    @Test(arguments: ["", "0102", "0102030405060708090a0b0", "0102030405060708090a0b0c0", "0102030405060708090a0b0g", "０１０２０３０４"])
    func `A text that is no id is refused`(text: String) {
        #expect(ObjectID(text) == nil)
    }

    @Test func `Ids are ordered by their bytes`() throws {
        let ordered = ["000000000000000000000001", "0000000000000001ff000000", "7fffffffffffffffffffffff", "800000000000000000000000"]
        let ids = try ordered.map { try #require(ObjectID($0)) }
        #expect(ids.shuffled().sorted() == ids)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "-0"), ("1.00", "1.00"), ("29.0000000000", "29.0000000000"), ("-0.0000000001", "-1E-10"), ("1E3", "1E+3"),
        ("9999999999999999999999999999999999", "9999999999999999999999999999999999"), ("NaN", "NaN"), ("Infinity", "Infinity"),
    ])
    func `A decimal keeps its digits`(text: String, printed: String) {
        #expect(Decimal128(text)?.description == printed)
    }

    @Test(arguments: ["", " 1", "1,0", "1.0.0", "12345678901234567890123456789012345", "1E6145", "abc", "1\0", "１"])
    func `A text that is no decimal is refused`(text: String) {
        #expect(Decimal128(text) == nil)
    }
}

@Suite struct `Extended JSON` {
    @Test func `The two styles are those of the specification`() throws {
        let document: Document = ["n": 5, "s": "é\"\n", "d": .date(milliseconds: 0), "m": .decimal(try #require(Decimal128("1.50")))]
        #expect(
            try document.json(.canonical)
                == #"{ "n" : { "$numberLong" : "5" }, "s" : "é\"\n", "d" : { "$date" : { "$numberLong" : "0" } }, "m" : { "$numberDecimal" : "1.50" } }"#
        )
        #expect(
            try document.json()
                == #"{ "n" : 5, "s" : "é\"\n", "d" : { "$date" : "1970-01-01T00:00:00Z" }, "m" : { "$numberDecimal" : "1.50" } }"#)
    }

    @Test(arguments: ["", "{", "[1", #"{"a": }"#, #"{"a": {"$numberLong": "x"}}"#, "\u{0}", #"{"a": 1} x"#])
    func `A text that is no JSON is a typed error`(json: String) {
        #expect {
            try Document(json: json)
        } throws: { error in
            if case BSONError.invalidJSON = error { true } else { false }
        }
    }

    @Test func `A type that is never stored is refused on the way in`() {
        #expect {
            try Document(json: #"{"a": {"$regularExpression": {"pattern": "x", "options": ""}}}"#)
        } throws: { error in
            if case BSONError.unsupportedType(0x0B, _) = error { true } else { false }
        }
    }
}
