internal import BSON
package import Metering
internal import Mongo

package enum APIKeys {
    static let schema = CollectionSchema(
        name: "api_keys",
        properties: [
            "_id": Property.string, "shop_id": Property.string, "name": Property.string, "hash": ["bsonType": "binData"],
            "scopes": Property.strings, "last_four": Property.string, "created_at": Property.time, "revoked_at": Property.optionalTime,
            "allowed_addresses": Property.strings, "expires_at": Property.optionalTime, "last_used_at": Property.optionalTime,
            "replaced_by": Property.optionalString,
        ],
        required: ["_id", "shop_id", "name", "hash", "scopes", "last_four", "created_at"],
        indexes: [.init(name: "by_shop", keys: ["shop_id": 1, "_id": 1])])

    package static func insert(_ key: StoredKey, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [key.document])
    }

    /// For authentication, which compares the hash before it believes whose key it is.
    package static func find(_ id: KeyID, _ reading: Reading) throws -> StoredKey? {
        try reading.findOne(schema.name, ["_id": .id(id)]).map { try StoredKey($0) }
    }

    package static func find(_ id: KeyID, of tenant: Tenant, _ reading: Reading) throws -> APIKey? {
        try reading.findOne(schema.name, ["_id": .id(id), "shop_id": .id(tenant.shop)]).map { try APIKey($0) }
    }

    /// Notes that the key was used, unless a later use is noted.
    package static func noteUse(of key: StoredKey, at time: Timestamp, _ writing: Writing) throws {
        let filter: Document = ["_id": .id(key.key.id), "shop_id": .id(key.tenant.shop)]
        _ = try writing.update(schema.name, filter, ["$max": ["last_used_at": .time(time)]])
    }

    /// Stores by which key it is replaced, and until when it counts.
    package static func noteReplaced(_ key: APIKey, of tenant: Tenant, in transaction: Transaction) throws {
        let change: Document = ["expires_at": .time(key.terms.expiresAt), "replaced_by": .text(key.replacedBy?.rawValue)]
        _ = try transaction.update(schema.name, ["_id": .id(key.id), "shop_id": .id(tenant.shop)], ["$set": .document(change)])
    }

    /// Revokes the key, unless it is revoked already. Returns whether the shop has that key.
    package static func revoke(_ id: KeyID, of tenant: Tenant, at time: Timestamp, in transaction: Transaction) throws -> Bool {
        let filter: Document = ["_id": .id(id), "shop_id": .id(tenant.shop)]
        guard let key = try transaction.findOne(schema.name, filter) else { return false }
        if try key.optionalDate("revoked_at") == nil {
            _ = try transaction.update(schema.name, filter, ["$set": ["revoked_at": .time(time)]])
        }
        return true
    }
}

extension KeyList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<APIKey, KeyID> {
        Listing(APIKeys.schema, ["shop_id": .id(tenant.shop)], .ascending("_id") { .id($0) }) { try APIKey($0) }
    }
}

/// An API key with the hash of its secret; the secret is kept nowhere.
package struct StoredKey: Sendable {
    package let key: APIKey
    /// SHA-256 of the secret: 32 bytes.
    package let hash: [UInt8]
    /// Whose key it is.
    package let tenant: Tenant

    package init(_ key: APIKey, hash: [UInt8], of tenant: Tenant) {
        self.key = key
        self.hash = hash
        self.tenant = tenant
    }

    fileprivate init(_ document: Document) throws {
        self.init(try APIKey(document), hash: try document.binary("hash"), of: Tenant(shop: try document.id("shop_id")))
    }

    fileprivate var document: Document {
        [
            "_id": .id(key.id), "shop_id": .id(tenant.shop), "name": .string(key.terms.name), "hash": .binary(hash),
            "scopes": .array(key.terms.scopes.map(\.rawValue).sorted().map { .string($0) }), "last_four": .string(key.lastFour),
            "created_at": .time(key.createdAt), "revoked_at": .time(key.revokedAt), "expires_at": .time(key.terms.expiresAt),
            "allowed_addresses": .array(key.terms.addresses.map { .string($0.text) }),
        ]
    }
}

extension APIKey {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.id("_id"), terms: try Terms(document), lastFour: try document.string("last_four"),
            createdAt: try document.time("created_at"), revokedAt: try document.optionalTime("revoked_at"),
            lastUsedAt: try document.optionalTime("last_used_at"),
            replacedBy: try document.optionalString("replaced_by").map(KeyID.init(stored:)))
    }
}

extension APIKey.Terms {
    fileprivate init(_ document: Document) throws {
        self.init(
            name: try document.string("name"), scopes: Set(try document.values("scopes")), addresses: try Self.addresses(document),
            expiresAt: try document.optionalTime("expires_at"))
    }

    private static func addresses(_ document: Document) throws -> [AddressRange] {
        try document.optionalStrings("allowed_addresses").map { text in
            // A network that cannot be read must not open the key to all of them.
            guard let range = AddressRange(text) else { throw StoreError(.invalid, "allowed_addresses has no network in \(text).") }
            return range
        }
    }
}
