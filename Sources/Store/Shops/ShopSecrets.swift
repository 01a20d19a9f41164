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
    /// Signs Stripe's events for the shop; nil: no event of Stripe's is taken.
    package let stripeSecret: String?

    /// The JWT secrets that count at `now`, the newest first: one or two.
    package func jwtSecrets(at now: Timestamp) -> [String] {
        guard let previousJWTSecret, now < previousJWTSecret.validUntil else { return [jwtSecret] }
        return [jwtSecret, previousJWTSecret.text]
    }
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

    /// Makes `secret` the one that signs Stripe's events from now on; nil: no event of Stripe's is taken.
    package static func setStripeSecret(_ secret: String?, of tenant: Tenant, in transaction: Transaction) throws {
        _ = try transaction.update(schema.name, ["_id": .id(tenant.shop)], ["$set": ["stripe_secret": .text(secret)]])
    }
}

extension ShopSecrets {
    fileprivate init(_ document: Document) throws {
        self.init(
            tenant: Tenant(shop: try document.id("_id")), jwtSecret: try document.string("jwt_secret"),
            previousJWTSecret: try RetiredSecret(document), stripeSecret: try document.optionalString("stripe_secret"))
    }
}

extension RetiredSecret {
    /// Nil where the shop's document has none.
    fileprivate init?(_ document: Document) throws {
        guard let end = try document.optionalTime("previous_jwt_secret_until") else { return nil }
        self.init(text: try document.string("previous_jwt_secret"), validUntil: end)
    }
}
