import JSON
import Support
import Testing

/// What is written straight into bytes is what the value of the same fields is encoded to.
struct ObjectWriterTests {
    @Test func `Every kind of field is written as the value of it is`() {
        let written = ObjectWriter.object(capacity: 16) { writer in
            writer.field("text", "é \"\\\n\u{1}")
            writer.field("none", String?.none)
            writer.field("empty", "")
            writer.field("number", -9_007_199_254_740_991)
            writer.field("missing", Int64?.none)
            writer.field("yes", true)
            writer.field("value", value: ["a": [1, 2]])
            writer.field("plain") { $0.append(contentsOf: "2026".utf8) }
            writer.object("inner") { $0.field("a", 1) }
            writer.object("nothing") { _ in }
            writer.array("several", [1, 2] as [Int64]) { $0.field("n", $1) }
            writer.array("no", [] as [Int64]) { $0.field("n", $1) }
            writer.field("last", false)
        }
        let value: JSON = [
            "text": "é \"\\\n\u{1}", "none": nil, "empty": "", "number": -9_007_199_254_740_991, "missing": nil, "yes": true,
            "value": ["a": [1, 2]], "plain": "2026", "inner": ["a": 1], "nothing": [:], "several": [["n": 1], ["n": 2]], "no": [],
            "last": false,
        ]
        #expect(written == value.encoded)
    }

    @Test func `Integers are written as Swift writes them`() {
        for integer in [0, 1, -1, 9, 10, -10, 99, 100, .max, .min, .max - 1] as [Int64] {
            #expect(JSON.integer(integer).encoded == Array("\(integer)".utf8))
        }
    }
}
