import Metering
import Testing

/// `é` as one scalar and as two, which Swift's `==` takes for the same text, and other such pairs.
@Suite struct BytewiseTextTests {
    static let pairs = [
        ("\u{E9}", "e\u{301}"), ("K", "\u{212A}"), ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{AC00}", "\u{1100}\u{1161}"),
    ]

    @Test(arguments: pairs)
    func `Ids are equal only when their bytes are`(one: String, other: String) {
        #expect(one == other, "else the pair proves nothing")
        let (event, same, second) = (EventID(stored: one), EventID(stored: "" + one), EventID(stored: other))
        #expect(event == same && event != second)
        #expect(Set([event, same, second]).count == 2 && [event: 1, second: 2][second] == 2)
        #expect((event < second) != (second < event) && !(event < same))
        #expect(UserID(stored: one) != UserID(stored: other) && ShopID(stored: one) != ShopID(stored: other))
    }

    @Test(arguments: pairs)
    func `The words of an event, a label's value and a group's are compared by bytes`(one: String, other: String) {
        #expect(UsageContent(amount: 1, referenceID: one) != UsageContent(amount: 1, referenceID: other))
        #expect(UsageContent(amount: 1, description: one) != UsageContent(amount: 1, description: other))
        #expect(UsageContent(amount: 1, dimensions: ["d": one]) != UsageContent(amount: 1, dimensions: ["d": other]))
        #expect(UsageContent(amount: 1, dimensions: ["d": one]) == UsageContent(amount: 1, dimensions: ["d": one]))
        #expect(UsageContent(amount: 1, dimensions: ["d": one]) != UsageContent(amount: 1, dimensions: ["c": one]))
        #expect([LabelKey(dimension: "d", value: one): "first"][LabelKey(dimension: "d", value: other)] == nil)
        let group = { UsageGroup(values: [$0, nil], amount: 1, count: 1, pages: 0) }
        #expect(group(one) != group(other) && group(one) == group(one) && group(nil) != group(one))
    }

    @Test func `The order is that of the bytes`() {
        let ids = ["", "A", "a", "e\u{301}", "z", "\u{E9}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}"].map(EventID.init(stored:))
        #expect(ids.reversed().sorted() == ids)
    }

    @Test func `Long texts and empty ones are compared whole`() {
        let long = String(repeating: "x", count: 4_000)
        #expect(
            EventID(stored: long) == EventID(stored: String(repeating: "x", count: 4_000)) && EventID(stored: "") == EventID(stored: ""))
        #expect(EventID(stored: long + "a") != EventID(stored: long + "b") && EventID(stored: "") != EventID(stored: "a"))
        #expect(UsageContent(amount: 1, referenceID: nil) != UsageContent(amount: 1, referenceID: ""))
    }
}
