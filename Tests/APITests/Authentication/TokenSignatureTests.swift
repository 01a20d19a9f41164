import Crypto
import JSON
import Testing

@testable import API

/// What is wrong with a token's text or signature, while its claims are good.
struct TokenSignatureTests {
    /// With the secret of the tests: HS384, HS512, and HMAC-SHA-512 under a header that says HS256. Python made them.
    @Test(arguments: [
        "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lIiwic3ViIjoiYWRhQGV4YW1wbGUuY29tIiwiYXVkIjoic2hvcG1ldGVyIiwiZXhwIjoxNzk0MzE1NjAwfQ.zjfoFYohqOSR113CJLYWvXfetu2V_fILQ2k8_kWopTf79aIWBar8Nftp9xvcg_c_",
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lIiwic3ViIjoiYWRhQGV4YW1wbGUuY29tIiwiYXVkIjoic2hvcG1ldGVyIiwiZXhwIjoxNzk0MzE1NjAwfQ.yCVvzq-Hi7Jj_y0vFAAjE6KBEIwaz7hJMCa8jujuZDmJ7KZRn8WfPDntjh5i7C74sZmWAhhC4AHoRB53QJ-mVA",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lIiwic3ViIjoiYWRhQGV4YW1wbGUuY29tIiwiYXVkIjoic2hvcG1ldGVyIiwiZXhwIjoxNzk0MzE1NjAwfQ.x2G76-SGnGpv8nl8KJcqs3YAWUkJI2O2ckVCHYBJjszqHzOcgQ7rRHkSxWHwP8VanysaO7TH9-DX4-YCUrU0GQ",
    ])
    func `Another hash is refused`(token: String) throws {
        #expect(try TestToken.user(of: token) == nil)
    }

    static let mangled: [(what: String, make: @Sendable (String) -> String)] = [
        ("empty", { _ in "" }), ("dots", { _ in ".." }), ("unsigned", { $0.prefix { $0 != "." } + ".." }),
        ("empty signature", { parts($0)[..<2].joined(separator: ".") + "." }),
        ("two parts", { parts($0)[..<2].joined(separator: ".") }), ("four parts", { $0 + "." }), ("five parts", { $0 + ".a.b" }),
        ("dot before", { "." + $0 }), ("padded", { $0 + "=" }),
        ("padded header", { parts($0)[0] + "=." + parts($0)[1...].joined(separator: ".") }),
        ("space after", { $0 + " " }), ("line after", { $0 + "\n" }), ("space within", { $0.replacing(".", with: ". ") }),
        ("cut", { String($0.dropLast()) }), ("longer", { $0 + "A" }), ("a byte more", { $0 + "AA" }),
        ("not ASCII", { $0 + "é" }), ("NUL", { $0 + "\0" }), ("combining dot", { $0.replacing(".", with: ".\u{301}") }),
        ("other alphabet", { $0.replacing("_", with: "/").replacing("-", with: "+") + "/" }),
        ("stray bits", { String($0.dropLast()) + next($0.last) }), ("upper case", { $0.uppercased() }),
        ("swapped", { parts($0).reversed().joined(separator: ".") }),
    ]

    private static func parts(_ token: String) -> [String] { token.split(separator: ".").map(String.init) }

    /// The last character of 32 bytes in base 64 has two bits that must be 0; this sets one.
    private static func next(_ last: Character?) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return last.flatMap { alphabet.firstIndex(of: $0) }.map { String(alphabet[$0 + 1]) } ?? ""
    }

    @Test(arguments: mangled.map(\.what))
    func `A token in any other form is refused`(what: String) throws {
        let make = try #require(Self.mangled.first { $0.what == what }).make
        let token = try TestToken.signed()
        #expect(try TestToken.user(of: token) == "u1")
        #expect(try TestToken.user(of: make(token)) == nil)
    }

    @Test func `Every bit of the text is signed`() throws {
        let token = Array(try TestToken.signed().utf8)
        for index in token.indices {
            for bit in 0..<7 {
                var changed = token
                changed[index] ^= 1 << bit
                #expect(try TestToken.user(of: String(decoding: changed, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func `Claims that were changed under a good signature are refused`() throws {
        let token = try TestToken.signed().split(separator: ".")
        let claims = Base64URL.text(TestToken.claims(["sub": "u2"]).utf8)
        #expect(try TestToken.user(of: "\(token[0]).\(claims).\(token[2])") == nil)
    }

    @Test func `Any of the secrets signs, and no other`() throws {
        let token = try TestToken.signed()
        #expect(try TestToken.user(of: token, secrets: ["new", TestToken.secret]) == "u1")
        #expect(try TestToken.user(of: token, secrets: ["new", "old"]) == nil)
        #expect(try TestToken.user(of: token, secrets: []) == nil)
        #expect(try TestToken.user(of: TestToken.signed(with: "")) == nil)
    }

    @Test func `A token of 4096 bytes is read, and a longer one is not`() throws {
        let bare = try TestToken.signed(TestToken.claims(["x": ""])).utf8.count
        let filler = (4_096 - bare) * 3 / 4
        let longest = try TestToken.signed(TestToken.claims(["x": .string(String(repeating: "x", count: filler))]))
        #expect((4_093...4_096).contains(longest.utf8.count))
        #expect(try TestToken.user(of: longest) == "u1")
        let longer = try TestToken.signed(TestToken.claims(["x": .string(String(repeating: "x", count: filler + 4))]))
        #expect(try longer.utf8.count > 4_096 && TestToken.user(of: longer) == nil)
    }
}
