import Support
import Testing

@testable import JSON

private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

struct JSONTests {
    @Test(
        arguments: [
            ("{}", .object([:])), (" [ ] \r\n\t", .array([])), ("\"\"", ""), ("null", .null), ("true", true), ("false", false), ("0", 0),
            ("-0", 0), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number("9223372036854775808")), ("1.0", .number("1.0")), ("-0.10", .number("-0.10")),
            ("1e5", .number("1e5")), ("1E+05", .number("1E+05")), ("0e-1", .number("0e-1")), ("0.1e1", .number("0.1e1")),
            ("[1,[2,{\"a\":[null]}]]", [1, [2, ["a": [nil]]]]), ("{\"b\":1,\"a\":{\"b\":2}}", ["b": 1, "a": ["b": 2]]),
            ("{\"\":1}", ["": 1]), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("\"\\/\u{8}\u{C}\n\r\t")),
            ("\"\\u00e9\\u20AC\\uD83D\\ude00x\"", "é€😀x"), ("\"é€😀\u{7F}\u{FFFF}\"", .string("é€😀\u{7F}\u{FFFF}")),
            ("\"a\\u0062c\\\\u\"", "abc\\u"), ("\"\\uFFFF\\u0001\"", .string("\u{FFFF}\u{1}")), ("\"a\\u0000b\"", .string("a\u{0}b")),
        ] as [(String, JSON)])
    func `Every text of the grammar is parsed`(text: String, value: JSON) throws {
        #expect(try parse(text) == value)
    }

    @Test func `Names and texts are compared by their bytes`() throws {
        let (one, other) = ("\u{E9}", "e\u{301}")
        #expect(one == other, "else the pair proves nothing")
        for rest in ["", (0..<20).map { ",\"\($0)\":0" }.joined()] {
            var object = try #require(try parse("{\"\(one)\":1,\"\(other)\":2\(rest)}").object)
            #expect(object[one] == 1 && object[other] == 2)
            object[other] = nil
            #expect(object[one] == 1 && object[other] == nil)
        }
        #expect(JSON.string(one) != .string(other) && Set([JSON.string(one), .string(other)]).count == 2)
        #expect(try parse("{\"\(one)\":1}") != parse("{\"\(other)\":1}"))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
        "{\"a\":1,}",
        "{,}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{}{}", "1 2", "[]x", "nul", "nulll", "True",
        "TRUE",
        "undefined", "NaN", "Infinity", "-Infinity", "+1", ".5", "-.5", "1.", "1.e1", "-", "--1", "01", "-01", "00", "0x10", "1e", "1e+",
        "1E-",
        "1e1.5", "1_000", "1,0", "0.1.2", "١", "\"", "\"a", "'a'", "\"\\\"", "\"\\", "\"\\a\"", "\"\\x41\"", "\"\\U0041\"", "\"\\u004\"",
        "\"\\u00g0\"", "\"\\u00", "\"\\u+041\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
        "\"\\udc00\\ud800\"", "\"\\uD83D\\u0041\"", "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"",
        "\u{FEFF}{}",
        "\u{A0}1", "\u{B}1", "\u{C}1", "// c\n1", "/**/1", "1#", "[1]\u{0}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
    ])
    func `Every text outside the grammar is refused`(text: String) {
        #expect(throws: JSON.SyntaxError.self) { try parse(text) }
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC3], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xE0, 0x80, 0xAF], [0x61, 0xFE],
        ] as [[UInt8]])
    func `Bytes that are not UTF-8 are refused in a string, escaped or not, and in a name`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSON.SyntaxError(offset: 0, message: "the string is not UTF-8")) { try JSON(parsing: [quote] + bytes + [quote]) }
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: [quote] + Array("\\n".utf8) + bytes + [quote]) }
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: Array("{\"".utf8) + bytes + Array("\":1}".utf8)) }
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: bytes) }
    }

    @Test(arguments: [
        ("{\"a\": x}", 6, "expected a value"), ("[1 2]", 3, "expected , or ]"),
        ("{\"a\":1,\"a\":2}", 7, "a name is given twice in one object"),
        ("[1", 2, "the text ends too early"), ("1 x", 2, "only white space may follow the value"),
        ("01", 1, "only white space may follow the value"),
        ("-x", 1, "expected a digit"), ("[\"\\ud800\"]", 2, "a lone surrogate"),
    ])
    func `A syntax error says where and why`(text: String, offset: Int, message: String) {
        #expect(throws: JSON.SyntaxError(offset: offset, message: message)) { try parse(text) }
    }

    @Test func `Thirty-two levels are read and thirty-three are not, of either kind`() throws {
        func nested(_ open: String, _ close: String, _ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        _ = try parse(nested("[", "]", 32))
        _ = try parse(nested("{\"a\":", "}", 32))
        #expect(throws: JSON.SyntaxError.self) { try parse(nested("[", "]", 33)) }
        #expect(throws: JSON.SyntaxError.self) { try parse(nested("{\"a\":", "}", 33)) }
        #expect(throws: JSON.SyntaxError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(try parse("[" + Array(repeating: "[]", count: 100).joined(separator: ",") + "]").array?.count == 100)
    }

    @Test(arguments: [2, 15, 16, 17, 18, 100])
    func `A second name is found in small objects and large`(count: Int) throws {
        let fields = (0..<count).map { "\"n\($0)\":\($0)" }
        #expect(try parse("{\(fields.joined(separator: ","))}").object?.fields.count == count)
        for repeated in [0, count / 2, count - 1] {
            #expect(throws: JSON.SyntaxError.self) { try parse("{\((fields + [fields[repeated]]).joined(separator: ","))}") }
        }
    }

    @Test(arguments: [2, 100])
    func `Names are the same only when their bytes are`(count: Int) throws {
        let fields = (2..<count).map { "\"n\($0)\":\($0)" } + ["\"\u{E9}\":1", "\"e\u{301}\":2"]
        let names = try #require(try parse("{\(fields.joined(separator: ","))}").object).fields.map { Array($0.name.utf8) }
        #expect(names.count == count && Set(names).count == count)
        #expect(throws: JSON.SyntaxError.self) { try parse("{\((fields + ["\"e\\u0301\":3"]).joined(separator: ","))}") }
    }

    @Test(
        arguments: [
            (
                ["a": [1, "x\"\\\n\u{1}\u{1F}/é", nil, true, .number("1.50")], "b": .object([:]), "c": []],
                "{\"a\":[1,\"x\\\"\\\\\\n\\u0001\\u001f/é\",null,true,1.50],\"b\":{},\"c\":[]}"
            ),
            (.integer(.min), "-9223372036854775808"), ("", "\"\""), ("\r\t\u{8}\u{7F}", "\"\\r\\t\\u0008\u{7F}\""), (false, "false"),
        ] as [(JSON, String)])
    func `Values are written compactly and read back the same`(value: JSON, text: String) throws {
        #expect(value.description == text)
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        (45.67, "45.67"), (45.0, "45"), (45.5, "45.5"), (45.678, "45.68"), (0.0, "0"), (-0.001, "0"), (0.05, "0.05"), (-1.05, "-1.05"),
        (100.0 / 3, "33.33"), (99.999, "100"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (.infinity, "null"), (.nan, "null"),
    ])
    func `A percentage is written with two decimals at most`(value: Double, text: String) throws {
        #expect(JSON(rounded: value).description == text)
        _ = try parse(text)
    }

    @Test(
        arguments: [
            ("0", 0), ("-7", -7), ("1000.0", 1000), ("1e3", 1000), ("1E+3", 1000), ("12.50e1", 125), ("-1.5e1", -15), ("0e999999999999", 0),
            ("-0.000", 0), ("1200e-2", 12), ("9223372036854775807.0", .max), ("-9.223372036854775808e18", .min), ("1.5", nil),
            ("1e-1", nil),
            ("9223372036854775808", nil), ("1e19", nil), ("1e999999999999", nil), ("1e-999999999999", nil), ("\"1\"", nil), ("true", nil),
        ] as [(String, Int64?)])
    func `A whole number is one however it is written`(text: String, integer: Int64?) throws {
        #expect(try parse(text).wholeNumber == integer)
    }

    @Test func `A field is set, replaced and taken away in its place`() {
        var object: JSON.Object = ["a": 1, "b": 2]
        object["c"] = 3
        object["a"] = "x"
        object["b"] = nil
        #expect(JSON.object(object).description == "{\"a\":\"x\",\"c\":3}")
        #expect(object["b"] == nil && object["c"] == 3 && !object.isEmpty)
    }

    @Test func `Whatever bytes come, reading ends, and what is read is written and read back the same`() throws {
        var generator = SplitMix(seed: 7)
        let seed = Array("{\"a\":[1,-2.5e3,\"x\\u00e9\\n\",true,null],\"bb\":{\"c\":\"é😀\"}}".utf8)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(seed[Int.random(in: 0..<seed.count, using: &generator)], at: index)
                }
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            read += 1
            guard try JSON(parsing: value.encoded) == value else {
                Issue.record("\(bytes) did not come back")
                return
            }
        }
        #expect(read > 500)
    }
}
