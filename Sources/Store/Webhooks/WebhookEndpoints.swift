internal import BSON
package import Metering
internal import Mongo

/// Where shops are told of what happens.
package enum WebhookEndpoints {
    static let schema = CollectionSchema(
        name: "webhook_endpoints",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "endpoint_id": Property.string]), "url": Property.string,
            "events": Property.strings, "description": Property.optionalString,
            "status": Property.oneOf(WebhookEndpoint.Status.allCases.map(\.rawValue)), "disabled_reason": Property.optionalString,
            "failing_since": Property.optionalTime, "created_at": Property.time,
            "secrets": Property.array(
                of: Property.object(["secret": Property.string, "valid_until": Property.optionalTime]), atMost: maximumSecrets),
        ],
        required: ["_id", "url", "events", "status", "secrets", "created_at"])

    /// The present secret, and those that count for a while.
    package static let maximumSecrets = 5

    package static func insert(_ endpoint: StoredEndpoint, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [endpoint.document])
    }

    package static func find(_ id: WebhookEndpointID, of tenant: Tenant, _ reading: Reading) throws -> StoredEndpoint? {
        try reading.findOne(schema.name, ["_id": key(id, tenant)]).map { try StoredEndpoint($0) }
    }

    /// Every endpoint of a shop, of which there are at most `WebhookEndpoint.maximum`.
    package static func all(of tenant: Tenant, _ reading: Reading) throws -> [StoredEndpoint] {
        try reading.find(schema.name, Key.range(of: tenant, then: "endpoint_id"), limit: WebhookEndpoint.maximum * 2)
            .map { try StoredEndpoint($0) }
    }

    /// Stores the endpoint's fields and secrets.
    package static func save(_ endpoint: StoredEndpoint, in transaction: Transaction) throws {
        let document = endpoint.document.filter { $0.key != "_id" }.map { ($0.key, $0.value) }
        let result = try transaction.update(
            schema.name, ["_id": key(endpoint.endpoint.id, endpoint.tenant)], ["$set": .document(document)])
        guard result.matched == 1 else { throw StoreError(.conflict, "The endpoint is gone since it was read.") }
    }

    /// Returns whether there was one.
    package static func delete(_ id: WebhookEndpointID, of tenant: Tenant, in transaction: Transaction) throws -> Bool {
        try transaction.deleteOne(schema.name, ["_id": key(id, tenant)]) == 1
    }

    fileprivate static func key(_ id: WebhookEndpointID, _ tenant: Tenant) -> Value { Key.of(tenant, "endpoint_id", id) }
}

extension WebhookEndpointList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<WebhookEndpoint, WebhookEndpointID> {
        Listing(
            WebhookEndpoints.schema, ["_id.shop_id": .id(tenant.shop)],
            .ascending("_id") { WebhookEndpoints.key($0, tenant) }
        ) { try StoredEndpoint($0).endpoint }
    }
}

/// An endpoint with the secrets by which messages to it are signed, the present one first.
package struct StoredEndpoint: Sendable {
    package let tenant: Tenant
    package var endpoint: WebhookEndpoint
    package var secrets: [SigningSecret]

    package init(_ endpoint: WebhookEndpoint, secrets: [SigningSecret], of tenant: Tenant) {
        self.endpoint = endpoint
        self.secrets = secrets
        self.tenant = tenant
    }

    /// Makes `secret` the present one; the one before counts until `end`. Of those that count for a while, the oldest go.
    package mutating func rotate(to secret: String, at now: Timestamp, previousUntil end: Timestamp) {
        let former = secrets.filter { $0.counts(at: now) }.map { old in
            SigningSecret(text: old.text, validUntil: old.validUntil ?? end)
        }
        secrets = Array(([SigningSecret(text: secret)] + former.filter { $0.counts(at: now) }).prefix(WebhookEndpoints.maximumSecrets))
    }

    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        guard let url = WebhookURL(stored: try document.string("url")) else { throw StoreError(.invalid, "url is not an address.") }
        self.init(
            WebhookEndpoint(
                id: try id.id("endpoint_id"), url: url, types: Set(try document.values("events")),
                description: try document.optionalString("description"), status: try document.value("status"),
                disabledReason: try document.optionalString("disabled_reason"), failingSince: try document.optionalTime("failing_since"),
                createdAt: try document.time("created_at")),
            secrets: try document.documents("secrets").map {
                SigningSecret(text: try $0.string("secret"), validUntil: try $0.optionalTime("valid_until"))
            }, of: Tenant(shop: try id.id("shop_id")))
    }

    fileprivate var document: Document {
        [
            "_id": Key.of(tenant, "endpoint_id", endpoint.id), "url": .string(endpoint.url.text),
            "events": .array(endpoint.types.map(\.rawValue).sorted().map { .string($0) }), "description": .text(endpoint.description),
            "status": .string(endpoint.status.rawValue), "disabled_reason": .text(endpoint.disabledReason),
            "failing_since": .time(endpoint.failingSince), "created_at": .time(endpoint.createdAt),
            "secrets": .array(
                secrets.map { .document([("secret", .string($0.text)), ("valid_until", .time($0.validUntil))]) }),
        ]
    }
}
