import Crypto
import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

/// Makes tokens of the user `u1` of the shop `acme`: good ones, and others.
enum TestToken {
    static let secret = "3f6a1c9e5b7d2048a1f3c5e7092b4d6f8e0a2c4e6f8b0d2f4a6c8e0b1d3f5a7c"
    static let header = #"{"alg":"HS256","typ":"JWT"}"#
    /// When the manual clock stands at, and an hour later, in seconds since 1970.
    static let now: Int64 = 1_794_312_000
    static let end: Int64 = 1_794_315_600

    /// The payload's text, with some claims changed and one left out.
    static func claims(_ changes: JSON.Object = [:], without name: String? = nil) -> String {
        var fields: JSON.Object = ["iss": "acme", "sub": "u1", "aud": "shopmeter", "exp": .integer(end)]
        for field in changes.fields { fields[field.name] = field.value }
        if let name { fields[name] = nil }
        return JSON.object(fields).description
    }

    static func signed(_ claims: String = claims(), header: String = header, with secret: String = secret) throws -> String {
        try signed(Array(claims.utf8), header: header, with: secret)
    }

    static func signed(_ claims: [UInt8], header: String = header, with secret: String = secret) throws -> String {
        let text = Base64URL.text(header.utf8) + "." + Base64URL.text(claims)
        return text + "." + Base64URL.text(try HMACSHA256.authenticate(Array(text.utf8), key: Array(secret.utf8)))
    }

    /// Whose token it is, as `EndUserToken` sees it.
    static func user(of token: String, secrets: [String] = [secret], seconds: Int64 = now) throws -> String? {
        try EndUserToken(token)?.user(signedWith: secrets, at: Timestamp(milliseconds: seconds * 1_000))?.rawValue
    }
}

extension TestAPI {
    func secret(of shop: String = "acme") async throws -> String {
        try #require(try await service.tokenSecrets(of: ShopID(stored: shop))?.secrets.first)
    }

    func send(_ method: Request.Method, _ target: String, bearing token: String, _ body: JSON? = nil) async throws -> TestAnswer {
        try await send(method, target, as: nil, body, headers: ["authorization": "Bearer \(token)"])
    }
}
