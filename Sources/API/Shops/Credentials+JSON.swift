import JSON
import Metering
import Service
import Web

extension APIKey {
    private static let fields: [Schema.Field] = [
        .required("key_id", .identifier), .required("name", .string(1...200)), .required("scopes", .array(of: scopeSchema)),
        .required("last_four", .string(4...4), "The key's last characters, to tell keys apart."), .required("created_at", .time),
        .required("revoked_at", .nullable(.time)), .required("expires_at", .nullable(.time)),
        .required("allowed_addresses", .array(of: .text(.addressRange)), "The networks from which it counts; none: from everywhere."),
        .required("last_used_at", .nullable(.time), "To within five minutes; null: never."),
        .required("replaced_by", .nullable(.identifier), "The key that was made in its place."),
    ]

    static let scopeSchema = Schema.choice(of: Scope.self, named: "Scope")
    static let schema = Schema.answer(fields).named("Key")
    static let createdSchema = Schema.answer(
        fields + [
            .required("api_key", .nullable(.string(1...256)), shownOnce),
            .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before."),
        ]
    ).named("CreatedKey")

    static let rotatedSchema = Schema.answer(
        fields + [
            .required("api_key", .nullable(.string(1...256)), shownOnce), .required("replaces", .identifier),
            .required("previous_valid_until", .nullable(.time), "The one before counts until then."),
            .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before."),
        ]
    ).named("RotatedKey")

    private static let shownOnce =
        "The key itself, which matches `smk_[0-9a-f]{12}_[0-9a-f]{72}`; its last 8 digits are the first of SHA-256 of those before. It is shown this once."

    /// The answer to the making of the key. `text` is the key itself; nil when it was shown before.
    func json(text: String?) -> JSON { .object(object.followed(by: ["api_key": text.json])) }

    var object: JSON.Object {
        JSON.Object([
            "key_id": id.json, "name": terms.name.json,
            "scopes": .array(Scope.allCases.filter(terms.scopes.contains).map { .string($0.rawValue) }),
            "last_four": lastFour.json, "created_at": createdAt.json, "revoked_at": revokedAt.json, "expires_at": terms.expiresAt.json,
            "allowed_addresses": .array(terms.addresses.map { $0.text.json }), "last_used_at": lastUsedAt.json,
            "replaced_by": (replacedBy?.rawValue).json,
        ])
    }
}

extension KeyRotation {
    /// `text` is the key itself; nil when it was shown before.
    func json(text: String?) -> JSON {
        .object(
            key.object.followed(by: [
                "api_key": text.json, "replaces": replaces.json, "previous_valid_until": previousValidUntil.json,
            ]))
    }
}

extension SecretRotation {
    static let schema = Schema.answer([
        .required("shop_id", .identifier),
        .required(
            "jwt_secret", .nullable(.string(1...256)), "Signs the tokens of the shop's users, its text as the key; it is shown this once."),
        .required("previous_valid_until", .time, "Tokens signed with the one before count until then."),
        .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before."),
    ]).named("SecretRotation")

    /// `secret` is nil when it was shown before.
    func json(secret: String?) -> JSON {
        ["shop_id": shop.json, "jwt_secret": secret.json, "previous_valid_until": previousValidUntil.json]
    }
}
