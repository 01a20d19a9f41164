import JSON
import Service
import Web

extension SecretRotation {
    static let schema = Schema.answer([
        .required("shop_id", .identifier),
        .required(
            "jwt_secret", .nullable(.string(1...256)), "Signs the tokens of the shop's users, its text as the key; it is shown this once."),
        .required("previous_valid_until", .time, "Tokens signed with the one before count until then."),
        .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before."),
    ]).named("SecretRotation")

    /// `secret`: nil when it was shown before.
    func json(secret: String?) -> JSON {
        ["shop_id": shop.json, "jwt_secret": secret.json, "previous_valid_until": previousValidUntil.json]
    }
}
