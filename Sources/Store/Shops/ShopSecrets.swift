internal import BSON
package import Metering
internal import Mongo

/// The secrets of a shop, which stand in the shop's document.
package struct ShopSecrets: Sendable {
    /// Whose secrets they are.
    package let tenant: Tenant
    /// Signs the tokens of the shop's users (HS256); the text's bytes are the key.
    package let jwtSecret: String
    /// The JWT secret before the present one; nil until the first rotation.
    package let previousJWTSecret: RetiredSecret?
    /// Each signs Stripe's events for the shop; none: no event of Stripe's is taken.
    package let stripeSecrets: [SigningSecret]

    /// Of Stripe's, those that only count for a while among them.
    package static let maximumStripeSecrets = 20

    /// The texts of Stripe's secrets that count at `now`.
    package func stripeSecrets(at now: Timestamp) -> [String] { stripeSecrets.filter { $0.counts(at: now) }.map(\.text) }

    /// The JWT secrets that count at `now`, the newest first: one or two.
    package func jwtSecrets(at now: Timestamp) -> [String] {
        guard let previousJWTSecret, now < previousJWTSecret.validUntil else { return [jwtSecret] }
        return [jwtSecret, previousJWTSecret.text]
    }
}

/// The secret of an endpoint in Stripe.
package struct SigningSecret: Equatable, Sendable {
    package let text: String
    /// The first instant at which nothing signed with the secret counts any more; nil while nobody took it away.
    package var validUntil: Timestamp?

    package init(text: String, validUntil: Timestamp? = nil) {
        self.text = text
        self.validUntil = validUntil
    }

    package func counts(at now: Timestamp) -> Bool { validUntil.map { now < $0 } ?? true }
}

/// A JWT secret that another one took the place of.
package struct RetiredSecret: Equatable, Sendable {
    package let text: String
    /// The first instant at which nothing signed with the secret counts any more.
    package let validUntil: Timestamp

    package init(text: String, validUntil: Timestamp) {
        self.text = text
        self.validUntil = validUntil
    }
}

extension Shops {
    /// Nil when there is no such shop. For authentication, which compares a signature before it believes whose it is.
    package static func findSecrets(of id: ShopID, _ reading: Reading) throws -> ShopSecrets? {
        try reading.findOne(schema.name, ["_id": .id(id)]).map { try ShopSecrets($0) }
    }

    /// Makes `secret` the JWT secret from now on, and lets `previous` count until its end; the one before `previous` is gone.
    package static func replaceJWTSecret(
        with secret: String, previous: RetiredSecret, of tenant: Tenant, in transaction: Transaction
    ) throws {
        let fields: Document = [
            "jwt_secret": .string(secret), "previous_jwt_secret": .string(previous.text),
            "previous_jwt_secret_until": .time(previous.validUntil),
        ]
        _ = try transaction.update(schema.name, ["_id": .id(tenant.shop)], ["$set": .document(fields)])
    }

    /// Makes these the secrets that sign Stripe's events; none: no event of Stripe's is taken.
    package static func setStripeSecrets(_ secrets: [SigningSecret], of tenant: Tenant, in transaction: Transaction) throws {
        let list = secrets.map { Value.document([("secret", .string($0.text)), ("valid_until", .time($0.validUntil))]) }
        let fields: Document = ["stripe_secrets": .array(list), "stripe_secret": .null]
        _ = try transaction.update(schema.name, ["_id": .id(tenant.shop)], ["$set": .document(fields)])
    }
}

extension ShopSecrets {
    fileprivate init(_ document: Document) throws {
        self.init(
            tenant: Tenant(shop: try document.id("_id")), jwtSecret: try document.string("jwt_secret"),
            previousJWTSecret: try RetiredSecret(document), stripeSecrets: try Self.stripeSecrets(document))
    }
}

extension ShopSecrets {
    /// A shop whose secret was set before there could be several has it in a field of its own.
    private static func stripeSecrets(_ document: Document) throws -> [SigningSecret] {
        if let single = try document.optionalString("stripe_secret") { return [SigningSecret(text: single)] }
        guard try document.optionalArray("stripe_secrets") != nil else { return [] }
        return try document.documents("stripe_secrets").map { entry in
            SigningSecret(text: try entry.string("secret"), validUntil: try entry.optionalTime("valid_until"))
        }
    }
}

extension RetiredSecret {
    /// Nil where the shop's document has none.
    fileprivate init?(_ document: Document) throws {
        guard let end = try document.optionalTime("previous_jwt_secret_until") else { return nil }
        self.init(text: try document.string("previous_jwt_secret"), validUntil: end)
    }
}
