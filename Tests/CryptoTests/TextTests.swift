import Testing

@testable import Crypto

struct TextTests {
    /// RFC 4648, 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func `Base 64 has the published texts`(plain: String, text: String) {
        #expect(Base64URL.text(plain.utf8) == text)
        #expect(Base64URL.bytes(text) == Array(plain.utf8))
    }

    @Test func `The two characters of the URL alphabet are used`() {
        #expect(Base64URL.text([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64URL.bytes("--__") == [0xFB, 0xEF, 0xFF])
    }

    @Test(arguments: ["Zg==", "Z", "Zm9vY", "Zh", "Zm9", "Zm9v\n", " Zm9v", "++//", "Zm8=", "Zmé", "Zg\0"])
    func `Base 64 that is padded, cut, of the other alphabet or not canonical is refused`(text: String) {
        #expect(Base64URL.bytes(text) == nil)
    }

    @Test func `Every one and two bytes come back from base 64, and no other text gives them`() {
        var texts: Set<String> = []
        for value in 0...UInt16.max {
            let bytes = [UInt8(value >> 8), UInt8(value & 255)]
            let text = Base64URL.text(bytes)
            texts.insert(text)
            guard Base64URL.bytes(text) == bytes else {
                Issue.record("\(bytes) became \(text)")
                return
            }
        }
        #expect(texts.count == 65_536)
    }

    @Test func `Hexadecimal digits come back`() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(Hex.text(all).hasPrefix("000102") && Hex.text(all).hasSuffix("fdfeff"))
        #expect(Hex.bytes(Hex.text(all)) == all)
    }

    @Test(arguments: ["0", "0g", "AB", "0x00", " 00", "00 ", "é0", "-1"])
    func `Other text is not hexadecimal`(text: String) {
        #expect(Hex.bytes(text) == nil)
    }
}
