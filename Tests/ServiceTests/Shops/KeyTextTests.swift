import Metering
import Testing

@testable import Service

struct KeyTextTests {
    @Test func `A new key's text has the form that scanners look for, and reads back`() throws {
        let text = try KeyText.random()
        #expect(text.wholeMatch(of: /smk_[0-9a-f]{12}_[0-9a-f]{72}/) != nil)
        let key = try #require(try KeyText(text))
        #expect("smk_\(key.id)_\(key.secret)" == text)
    }

    @Test func `Any one character that is another, missing, doubled or exchanged makes it no key`() throws {
        let text = Array(try KeyText.random())
        for index in text.indices {
            var (changed, missing, doubled, exchanged) = (text, text, text, text)
            changed[index] = text[index] == "a" ? "b" : "a"
            missing.remove(at: index)
            doubled.insert(text[index], at: index)
            if index > 0 { exchanged.swapAt(index, index - 1) }
            for typo in [changed, missing, doubled, exchanged] where typo != text {
                #expect(try KeyText(String(typo)) == nil, "\(index)")
            }
        }
    }

    @Test func `A key of before there were checksums still reads`() throws {
        let secret = String(repeating: "0f", count: 32)
        let key = try #require(try KeyText("smk_0123456789ab_\(secret)"))
        #expect(key.id == KeyID(stored: "0123456789ab") && key.secret == secret)
    }

    @Test(arguments: ["", "smk_", "smk__", "smk_x_y", "SMK_0123456789ab_", "smk_0123456789ab_00", "smk_0123456789ab_\u{E9}"])
    func `Another text is no key's`(text: String) throws {
        #expect(try KeyText(text) == nil)
    }
}
