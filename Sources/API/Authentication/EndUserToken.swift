import Crypto
import JSON
import Metering

/// A token of a shop's user, well formed but not believed yet: a JWT (RFC 7519) as a compact JWS (RFC 7515, 3.1) with HS256.
///
/// It keeps to RFC 8725: one algorithm, the key chosen by the shop alone, every claim checked, and none but the issuer read before
/// the signature.
struct EndUserToken {
    static let maximumLength = 4096

    /// The shop whose secret must have signed it.
    let issuer: ShopID
    private let claims: TokenClaims
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Nil unless the text is three parts in strict base 64, the first two of them objects in strict JSON, with a header that is
    /// known and the name of a shop.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false).map(Substring.init)
        guard parts.count == 3, let header = Self.object(parts[0]), Self.isKnown(header),
            let claims = Self.object(parts[1]).map(TokenClaims.init(fields:)), let issuer = claims.issuer,
            let signature = Base64URL.bytes(parts[2])
        else { return nil }
        (self.issuer, self.claims, self.signature) = (issuer, claims, signature)
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    /// The user whose token it is, when one of the secrets signed it and it counts at `now`.
    func user(signedWith secrets: [String], at now: Timestamp) throws(CryptoFailure) -> UserID? {
        for secret in secrets where try HMACSHA256.isValid(signature, of: signed, key: Array(secret.utf8)) {
            return claims.user(at: now)
        }
        return nil
    }

    private static func object(_ part: Substring) -> JSON.Object? {
        guard let bytes = Base64URL.bytes(part), let value = try? JSON(parsing: bytes) else { return nil }
        return value.object
    }

    /// `crit` names what a reader must understand (RFC 7515, 4.1.11), and nothing is; other members, `kid` among them, change nothing.
    private static func isKnown(_ header: JSON.Object) -> Bool {
        guard header["alg"] == "HS256", header["crit"] == nil else { return false }
        guard let type = header["typ"] else { return true }
        return type.string?.uppercased() == "JWT"
    }
}
