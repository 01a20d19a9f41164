import JSON
import Metering

/// What a token says (RFC 7519, 4.1). Claims that are not named here change nothing.
struct TokenClaims {
    static let audience = "shopmeter"

    let fields: JSON.Object

    /// `iss`
    var issuer: ShopID? { fields["iss"]?.string.flatMap(ShopID.init(rawValue:)) }

    /// `sub`, when the token is meant for this service and counts at `now`. Clocks are taken at their word: there is no leeway.
    func user(at now: Timestamp) -> UserID? {
        guard isForUs, counts(at: now) else { return nil }
        return fields["sub"]?.string.flatMap(UserID.init(rawValue:))
    }

    /// `aud`: the one audience, or several.
    private var isForUs: Bool {
        switch fields["aud"] {
        case .string(let audience): audience == Self.audience
        case .array(let audiences): audiences.allSatisfy { $0.string != nil } && audiences.contains(.string(Self.audience))
        default: false
        }
    }

    /// `exp` must be there; `nbf` and `iat` may be. Before `nbf` and from `exp` on, the token counts no more.
    private func counts(at now: Timestamp) -> Bool {
        guard let end = fields["exp"].flatMap(Timestamp.init(numericDate:)), now < end else { return false }
        if let made = fields["iat"], Timestamp(numericDate: made) == nil { return false }
        guard let start = fields["nbf"] else { return true }
        return Timestamp(numericDate: start).map { $0 <= now } ?? false
    }
}
