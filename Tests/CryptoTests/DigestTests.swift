import Testing

@testable import Crypto

struct DigestTests {
    /// FIPS 180-4 examples (NIST CSRC "SHA256.pdf") and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `The published digests come out`(message: String, digest: String) throws {
        #expect(Hex.text(try SHA256.hash(message)) == digest)
        #expect(try SHA256.hash(Array(message.utf8)) == SHA256.hash(message))
    }

    @Test func `A million letters have their published digest`() throws {
        let digest = try SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(Hex.text(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// RFC 4231, 4.2 to 4.8, without 4.6 (a truncated tag).
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            Array(
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `The tags of RFC 4231 come out`(key: String, message: [UInt8], tag: String) throws {
        let key = try #require(Hex.bytes(key))
        #expect(Hex.text(try HMACSHA256.authenticate(message, key: key)) == tag)
    }

    @Test func `The signature of RFC 7515, A.1, is its token's`() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let key = try #require(Base64URL.bytes("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let signature = try #require(Base64URL.bytes("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        #expect(try HMACSHA256.isValid(signature, of: Array(token.utf8), key: key))
    }

    @Test func `An empty key and an empty message have their own tag, whatever came before`() throws {
        _ = try HMACSHA256.authenticate([1], key: [2])
        let tag = Hex.text(try HMACSHA256.authenticate([], key: []))
        #expect(tag == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `A tag with any bit changed, cut or longer is not valid`() throws {
        let tag = try HMACSHA256.authenticate([1, 2, 3], key: [9])
        #expect(try HMACSHA256.isValid(tag, of: [1, 2, 3], key: [9]))
        for bit in 0..<256 {
            var changed = tag
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(try !HMACSHA256.isValid(changed, of: [1, 2, 3], key: [9]))
        }
        #expect(try !HMACSHA256.isValid(Array(tag.dropLast()), of: [1, 2, 3], key: [9]))
        #expect(try !HMACSHA256.isValid(tag + [0], of: [1, 2, 3], key: [9]))
        #expect(try !HMACSHA256.isValid([], of: [1, 2, 3], key: [9]))
    }

    @Test func `Nothing equals nothing`() {
        #expect(constantTimeEqual([], []))
        #expect(!constantTimeEqual([], [0]))
    }

    @Test func `Random bytes have the length asked for and do not repeat`() throws {
        #expect(try randomBytes(0).isEmpty)
        let draws = try (0..<100).map { _ in try randomBytes(16) }
        #expect(draws.allSatisfy { $0.count == 16 })
        #expect(Set(draws).count == 100)
    }
}
