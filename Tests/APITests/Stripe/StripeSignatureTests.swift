import HTTP
import Metering
import Testing

@testable import API

struct StripeSignatureTests {
    private static let body =
        #"{"id":"evt_1","type":"invoice.payment_failed","created":1794311990,"data":{"object":{"metadata":{"user_id":"u1"}}}}"#
    // Python's hmac made these, of the body at 1794312000 with the secret, and with another one.
    private static let good = "8ccd02635babb84e14f683bd9f0ac4802fc1368949a306c78ec89e79b09bb9a3"
    private static let other = "920e92ced7ab3df96a64103145ead67c2d3b31f58b2d4ee3f6ec97f5300022b4"

    /// Whether the signature is taken when it is 1794312000.
    private static func takes(_ values: [String], body: [UInt8] = Array(body.utf8), secret: String = TestStripe.secret) throws -> Bool {
        var headers = Headers()
        for value in values { headers.add("Stripe-Signature", value) }
        guard let signature = StripeSignature(in: headers) else { return false }
        let isTimely = signature.isTimely(at: Timestamp(milliseconds: TestStripe.now * 1_000))
        return try signature.signs(body, with: secret) && isTimely
    }

    @Test(arguments: [
        "t=1794312000,v1=\(good)", "v1=\(good),t=1794312000", "t=1794312000,v1=\(other),v1=\(good)", "t=1794312000,v1=\(good),v1=\(other)",
        "t=1794312000,v1=\(good),v0=\(other)", "t=1794312000,v0=,v1=\(good),v2=a=b", "t=1794312000,v1=\(good),V1=x,T=y",
        "t=1794312000,v1=\(good),v1=", "t=1794312000,v1=zz,v1=\(good)",
        "t=1794312000,v1=\(good),v1=bad_signature", "t=1794312000,v1=\(good),v1=\(good)00",
        "t=1794311700,v1=546d61d03f9d5f254e83429b8cb4e4c02653c15b95dbd1cdc2fadb4df16dd921",
        "t=1794312300,v1=8795c0009d7a5847ee740b6a1a46fc9ca6f0ee68a741023d8040d4ca41a964c8",
        "t=01794312000,v1=dd2e6be30d71aafc08ff76950deae66912dbe1605d926234c7bd929ff47841a7",
    ])
    func `One tag of the body, made within five minutes, is enough`(value: String) throws {
        #expect(try Self.takes([value]))
    }

    @Test(arguments: [
        "t=1794311699,v1=8a2b75c449cfcedfa6fe1d3716365fb4af9b5fa97d46fde66f56ee50364b4230",
        "t=1794312301,v1=8e707ea599ad01c95f7ef7d1c2d4d3a00948464dab0608053b225d6a7ef13ce3",
        "t=1794312000,v1=\(other)", "t=1794312001,v1=\(good)", "t=1794312000", "v1=\(good)", "t=1794312000,v0=\(good)", "t=,v1=\(good)",
        "t=1794312000,v1=", "t=1794312000,v1=\(good.uppercased())", "t=1794312000,v1=\(good.dropLast())",
        "t=1794312000,v1=\(good.dropLast(2))", "t=1794312000,v1=\(good)00", "t=1794312000,v1=zz",
        "t=1794312000,t=1794312000,v1=\(good)", "t=1794312000,v1=\(good),", ",t=1794312000,v1=\(good)", "t=1794312000,,v1=\(good)",
        "t=1794312000, v1=\(good)", "t=1794312000 ,v1=\(good)", "t=1794312000,v1= \(good)", "t = 1794312000,v1=\(good)",
        "t=1794312000,\tv1=\(good)", "t=1794312000,v1=\(good),x", "t=1794312000,v1=\(good),=x", "t=+1794312000,v1=\(good)",
        "t=-1794312000,v1=\(good)", "t=1794312000.0,v1=\(good)", "t=0x6AF2F9C0,v1=\(good)", "t=9223372036854775807,v1=\(good)",
        "t=99999999999999999999,v1=\(good)", "t=٠,v1=\(good)", "t=1794312000;v1=\(good)", "T=1794312000,V1=\(good)", "", ",", "=", "v1",
        good,
        "t=1794312000,v1=\(good),é=x", "t=1794312000,v1=\(good)\u{301}",
        "t=1794312000,v1=\(good),v9=" + String(repeating: "x", count: 1_024),
    ])
    func `Anything else is refused`(value: String) throws {
        #expect(try !Self.takes([value]))
    }

    @Test func `There is one header, with one secret, of one body`() throws {
        let value = "t=1794312000,v1=\(Self.good)"
        #expect(try Self.takes([value]))
        #expect(try !Self.takes([]) && !Self.takes([value, value]) && !Self.takes([value, ""]))
        for secret in ["whsec_other", "", TestStripe.secret + "x", String(TestStripe.secret.dropFirst(6))] {
            #expect(try !Self.takes([value], secret: secret), "\(secret)")
        }
        for body in [Self.body + " ", Self.body + "\n", String(Self.body.dropLast()), Self.body.replacing("u1", with: "u2"), ""] {
            #expect(try !Self.takes([value], body: Array(body.utf8)), "\(body)")
        }
    }

    /// Python's too.
    @Test func `Any bytes are signed as they are`() throws {
        let empty = "t=1794312000,v1=d62f41a5cfe3646b9e48dabe550a8d30eb8bb28b60980c4cfe167003255bdd2b"
        let bytes = "t=1794312000,v1=d2adbc3ab0263a98590bf22011e3d4e8bca9a4526d2b6949c212729189882bfd"
        #expect(try Self.takes([empty], body: []) && Self.takes([bytes], body: [0, 255, 13, 10, 0xC3]))
    }

    @Test func `As long as the bound allows, a signature among many counts`() throws {
        let many = "t=1794312000" + String(repeating: ",v1=\(Self.other)", count: 13) + ",v1=\(Self.good)"
        #expect(many.utf8.count <= StripeSignature.maximumLength)
        #expect(try Self.takes([many]) && !Self.takes([many + ",v1=\(Self.other)"]))
    }
}
