import Bytes
import Testing

struct BytesTests {
    /// Pairs that Swift's `==` takes for one text.
    static let pairs = [
        ("\u{E9}", "e\u{301}"), ("K", "\u{212A}"), ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{AC00}", "\u{1100}\u{1161}"),
    ]

    @Test(arguments: pairs)
    func `Texts are the same when their bytes are`(one: String, other: String) {
        #expect(one == other, "else the pair proves nothing")
        #expect(!one.hasSameBytes(as: other) && one.hasSameBytes(as: String(decoding: Array(one.utf8), as: UTF8.self)))
        #expect(one.hasBytes(before: other) != other.hasBytes(before: one))
        #expect([Bytewise(wrappedValue: one): 1, Bytewise(wrappedValue: other): 2].count == 2)
    }
}
