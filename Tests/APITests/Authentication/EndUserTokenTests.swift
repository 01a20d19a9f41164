import Crypto
import JSON
import Metering
import Support
import Testing

@testable import API

struct EndUserTokenTests {
    /// `hmac.new(secret, text, sha256)` of Python over the same header and another user's claims.
    private static let foreign =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lIiwic3ViIjoiYWRhQGV4YW1wbGUuY29tIiwiYXVkIjoic2hvcG1ldGVyIiwiZXhwIjoxNzk0MzE1NjAwfQ.rjUsLE_TFsge-4x087bcrLL7f1T5Hpi9ntgLTX4IUEQ"

    @Test func `A token that another program made is its user's until it ends`() throws {
        #expect(ManualClock().now().milliseconds == TestToken.now * 1_000)
        #expect(try TestToken.user(of: Self.foreign) == "ada@example.com")
        #expect(try TestToken.user(of: Self.foreign, seconds: TestToken.end - 1) == "ada@example.com")
        #expect(try TestToken.user(of: Self.foreign, seconds: TestToken.end) == nil)
        #expect(EndUserToken(Self.foreign)?.issuer == ShopID(stored: "acme"))
    }

    static let goodClaims: [JSON.Object] = [
        [:], ["aud": ["shopmeter"]], ["aud": ["other", "shopmeter"]], ["exp": .number("1794312000.001")],
        ["exp": .number("1794312001.5")], ["exp": 253_402_300_799], ["nbf": .integer(TestToken.now)], ["nbf": 0],
        ["nbf": .number("1794312060.0009")], ["nbf": .integer(TestToken.now + 60)], ["iat": .integer(TestToken.now + 60)],
        ["sub": "u1"], ["jti": 7, "name": ["deep": [["er"]]]],
    ]

    @Test(arguments: goodClaims)
    func `A token that counts is its user's`(changes: JSON.Object) throws {
        #expect(try TestToken.user(of: TestToken.signed(TestToken.claims(changes))) == "u1")
    }

    @Test(arguments: [
        #"{"alg":"HS256"}"#, #"{ "typ" : "jwt", "alg" : "HS256" }"#, #"{"alg":"HS256","kid":"1"}"#,
        #"{"alg":"HS256","jku":"x","b64":false}"#,
    ])
    func `A header may leave the type out and name a key, which changes nothing`(header: String) throws {
        #expect(try TestToken.user(of: TestToken.signed(header: header)) == "u1")
    }

    static let badClaims: [String] =
        ["iss", "sub", "aud", "exp"].flatMap { [TestToken.claims(without: $0), TestToken.claims([$0: nil])] }
        + changes.map { TestToken.claims($0) } + [
            "", "{}", "[]", "null", "\"u1\"", "[\(TestToken.claims())]", TestToken.claims() + "x", "\u{FEFF}" + TestToken.claims(),
            #"{"iss":"acme","sub":"u1","sub":"u2","aud":"shopmeter","exp":1794315600}"#,
            #"{"iss":"acme","sub":"u1","aud":"shopmeter","exp":1,"exp":1794315600}"#,
            #"{"iss":"acme","sub":"u1","aud":"shopmeter","exp":1794315600,"x":{"y":1,"y":2}}"#,
            #"{"iss":"acme","sub":"u1","aud":"shopmeter","exp":01794315600}"#,
            #"{"iss":"acme","sub":"u1","aud":"shopmeter","exp":1794315600.}"#,
        ]

    private static let changes: [JSON.Object] =
        [
            ["iss": "rival shop"], ["iss": ["acme"]], ["iss": 1], ["iss": ""], ["sub": ""], ["sub": "a\nb"], ["sub": 1], ["sub": ["u1"]],
            ["sub": "u\u{0}1"], ["sub": .string(String(repeating: "u", count: 257))],
        ] + audiences.map { ["aud": $0] } + ends.map { ["exp": $0] } + times.flatMap { [["nbf": $0], ["iat": $0]] } + [
            ["nbf": .integer(TestToken.now + 61)], ["nbf": .number("1794312060.001")], ["iat": .integer(TestToken.now + 61)],
            ["iat": 9_999_999_999],
        ]

    private static let audiences: [JSON] = [
        "", "other", "Shopmeter", "shopmeter ", [], ["other"], [["shopmeter"]], ["shopmeter", 1], ["shopmeter", ["shopmeter"]], true,
        ["shopmeter": "shopmeter"],
    ]

    private static let ends: [JSON] =
        times + [.integer(TestToken.now), .number("1794312000.0"), .number("1794312000.0009"), 0]

    /// What is no time in any claim.
    private static let times: [JSON] = [
        "1794315600", true, [1_794_315_600], [:], -1, .number("-0.5"), 253_402_300_800, 1_794_315_600_000, .integer(.max), .integer(.min),
        .number("9223372036854775808"), .number("9223372036854775807.5"), .number("1.794315600e9"), .number("1e400"),
        .number("1794315600E0"),
    ]

    @Test(arguments: badClaims)
    func `A token with a claim that is missing, wrong, over or early is nobody's`(claims: String) throws {
        #expect(try TestToken.user(of: TestToken.signed(claims)) == nil)
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":""}"#, #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"alg":"hs256"}"#,
        #"{"alg":"HS384"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"ES256"}"#, #"{"typ":"JWT"}"#, "{}", "[]", "",
        #"{"alg":"HS256","typ":"at+jwt"}"#, #"{"alg":"HS256","typ":"JWE"}"#, #"{"alg":"HS256","typ":null}"#, #"{"alg":"HS256","typ":1}"#,
        #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","crit":["exp"],"exp":1}"#, #"{"alg":"HS256","crit":null}"#,
        #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","a":1,"a":2}"#, #"{"alg":"HS256"} x"#,
    ])
    func `A header of another algorithm or type, or that demands more, is refused though it is signed`(header: String) throws {
        #expect(try TestToken.user(of: TestToken.signed(header: header)) == nil)
    }

    @Test func `Bytes that are not UTF-8 are refused`() throws {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x80]] as [[UInt8]] {
            let claims = TestToken.claims(["name": "~"]).utf8.flatMap { $0 == UInt8(ascii: "~") ? bytes : [$0] }
            #expect(try TestToken.user(of: TestToken.signed(claims)) == nil)
        }
    }
}
