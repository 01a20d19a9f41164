import Crypto
import JSON
import Metering
import Service

/// A token of a shop's user, well formed but not believed yet: a JWT (RFC 7519) as a compact JWS (RFC 7515, 3.1) with HS256.
///
/// It keeps to RFC 8725: one algorithm, the key chosen by the shop alone, every claim checked, and no claim but the issuer used before the
/// signature is.
struct EndUserToken {
    /// In bytes.
    static let maximumLength = 4096

    /// The shop whose secret must have signed it.
    let issuer: ShopID
    private let claims: TokenClaims
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Nil unless the text is three parts in strict base 64, the first two of them JSON objects, with a header that this service knows and
    /// an issuer that can be a shop's id.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, text.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false).map(Substring.init)
        guard parts.count == 3, let header = Self.object(parts[0]), Self.isKnown(header),
            let claims = Self.object(parts[1]).map(TokenClaims.init(fields:)), let issuer = claims.issuer,
            let signature = Base64URL.bytes(parts[2])
        else { return nil }
        (self.issuer, self.claims, self.signature) = (issuer, claims, signature)
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    /// The token's user; nil when none of the secrets signed it, or it is not valid at `now`.
    func user(signedWith secrets: [String], at now: Timestamp) throws(CryptoFailure) -> UserID? {
        for secret in secrets where try HMACSHA256.isValid(signature, of: signed, key: Array(secret.utf8)) {
            return claims.user(at: now)
        }
        return nil
    }

    /// A token of a session's user, until the session's end.
    static func signed(for session: PortalSession) throws(CryptoFailure) -> String {
        let header: JSON = ["alg": "HS256", "typ": "JWT"]
        let claims: JSON = [
            "iss": session.shop.json, "sub": session.user.json, "aud": .string(TokenClaims.audience),
            "iat": .integer(session.begin.milliseconds / 1_000), "exp": .integer(session.end.milliseconds / 1_000),
        ]
        let text = Base64URL.text(header.encoded) + "." + Base64URL.text(claims.encoded)
        return text + "." + Base64URL.text(try HMACSHA256.authenticate(Array(text.utf8), key: Array(session.secret.utf8)))
    }

    private static func object(_ part: Substring) -> JSON.Object? {
        guard let bytes = Base64URL.bytes(part), let value = try? JSON(parsing: bytes) else { return nil }
        return value.object
    }

    /// `alg` is HS256 and `typ`, if there, JWT. `crit` names extensions that a reader must understand (RFC 7515, 4.1.11), and this one
    /// understands none. Other members, `kid` among them, change nothing.
    private static func isKnown(_ header: JSON.Object) -> Bool {
        guard header["alg"] == "HS256", header["crit"] == nil else { return false }
        guard let type = header["typ"] else { return true }
        return type.string?.uppercased() == "JWT"
    }
}

/// The claims of a token (RFC 7519, 4.1). Claims that are not named here change nothing.
private struct TokenClaims {
    static let audience = "shopmeter"

    let fields: JSON.Object

    /// `iss`
    var issuer: ShopID? { fields["iss"]?.string.flatMap(ShopID.init(rawValue:)) }

    /// `sub`, when the token is meant for this service and valid at `now`; else nil.
    func user(at now: Timestamp) -> UserID? {
        guard isForThisService, isValid(at: now) else { return nil }
        return fields["sub"]?.string.flatMap(UserID.init(rawValue:))
    }

    /// `aud` is one audience or several; this service must be among them.
    private var isForThisService: Bool {
        switch fields["aud"] {
        case .string(let audience): audience == Self.audience
        case .array(let audiences): audiences.allSatisfy { $0.string != nil } && audiences.contains(.string(Self.audience))
        default: false
        }
    }

    /// How far the issuer's clock may be ahead, in milliseconds.
    private static let leeway: Int64 = 60_000

    /// From `iat` and `nbf`, where they are given, less the leeway, until before `exp`, which must be there and has none.
    private func isValid(at now: Timestamp) -> Bool {
        guard let end = fields["exp"].flatMap(Timestamp.init(numericDate:)), now < end else { return false }
        return ["iat", "nbf"].allSatisfy { name in
            guard let start = fields[name] else { return true }
            return Timestamp(numericDate: start).map { $0.milliseconds <= now.milliseconds + Self.leeway } ?? false
        }
    }
}

extension Timestamp {
    /// A `NumericDate` (RFC 7519, 2): seconds since 1970, whole or with decimals, of which those after the third are dropped.
    ///
    /// Nil for a value that is not a number, for a number with an exponent, and outside of the years 1970 to 9999, where milliseconds in
    /// place of seconds are.
    init?(numericDate value: JSON) {
        switch value {
        case .integer(let seconds): self.init(seconds: seconds, milliseconds: 0)
        case .number(let text): self.init(decimal: text)
        default: return nil
        }
    }

    /// `text` is a number in JSON that is not an integer of 64 bits.
    private init?(decimal text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        let thousandths = parts[1].prefix(3) + String(repeating: "0", count: max(0, 3 - parts[1].utf8.count))
        guard !text.hasPrefix("-"), let seconds = Int64(parts[0]), let milliseconds = Int64(thousandths) else { return nil }
        self.init(seconds: seconds, milliseconds: milliseconds)
    }

    private init?(seconds: Int64, milliseconds: Int64) {
        guard (0...253_402_300_799).contains(seconds) else { return nil }
        self.init(milliseconds: seconds * 1_000 + milliseconds)
    }
}
