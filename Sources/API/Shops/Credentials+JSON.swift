import JSON
import Metering
import Service
import Web

extension APIKey {
    private static let fields: [Schema.Field] = [
        .required("key_id", .identifier), .required("name", .string(1...200)), .required("scopes", .array(of: scopeSchema)),
        .required("last_four", .string(4...4), "The secret's last characters, to tell keys apart."), .required("created_at", .time),
        .required("revoked_at", .nullable(.time)),
    ]

    static let scopeSchema = Schema.enumeration(Scope.allCases.map(\.rawValue))
    static let schema = Schema.answer(fields).named("Key")
    static let createdSchema = Schema.answer(
        fields + [
            .required("api_key", .nullable(.string(1...256)), "The key itself; it is shown this once."),
            .optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before."),
        ]
    ).named("CreatedKey")

    /// The answer to the making of the key. `text` is the key itself; nil when it was shown before.
    func json(text: String?) -> JSON { .object(object.followed(by: ["api_key": text.json])) }

    var object: JSON.Object {
        JSON.Object([
            "key_id": id.json, "name": name.json,
            "scopes": .array(Scope.allCases.filter(scopes.contains).map { .string($0.rawValue) }),
            "last_four": lastFour.json, "created_at": createdAt.json, "revoked_at": revokedAt.json,
        ])
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
