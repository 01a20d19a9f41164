internal import BSON
package import Metering
internal import Mongo

/// The profiles of users. A user whom the shop never described has none.
package enum Users {
    static let schema = CollectionSchema(
        name: "users",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string]), "name": Property.optionalString,
            "email": Property.optionalString, "address": ["bsonType": ["object", "null"]], "tax_id": Property.optionalString,
            "language": Property.optionalString, "tax_rates": TaxRate.property(atMost: TaxTerms.maximumRates),
            "tax_exemption": Property.optionalString,
            "metadata": Property.array(
                of: Property.object(["name": Property.string, "value": Property.string]), atMost: UserProfile.maximumMetadata),
            "created_at": Property.time, "updated_at": Property.time,
        ],
        required: ["_id", "metadata", "created_at", "updated_at"])

    package static func find(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> StoredProfile? {
        try reading.findOne(schema.name, ["_id": Key.user(user, tenant)]).map { try StoredProfile($0) }
    }

    /// The profiles of those of the users who have one.
    package static func find(_ users: Set<UserID>, of tenant: Tenant, _ reading: Reading) throws -> [UserID: UserProfile] {
        guard !users.isEmpty else { return [:] }
        let ids = users.sorted().map { Key.user($0, tenant) }
        let found = try reading.find(schema.name, ["_id": ["$in": .array(ids)]]).map { try StoredProfile($0) }
        return Dictionary(found.map { ($0.user, $0.profile) }) { first, _ in first }
    }

    /// Stores the profile in the place of the one before.
    package static func put(_ profile: StoredProfile, of tenant: Tenant, in transaction: Transaction) throws {
        let write = BulkWrite.replaceOne(
            filter: ["_id": Key.user(profile.user, tenant)], replacement: try profile.document(of: tenant), upsert: true)
        _ = try transaction.bulk(schema.name, [write])
    }
}

extension StoredProfile: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<StoredProfile, StoredProfile> {
        let order = ListOrder<StoredProfile>.ascending("_id") { Key.user($0.user, tenant) }
        return Listing(Users.schema, Key.range(of: tenant, then: "user_id"), order) { try StoredProfile($0) }
    }
}

/// The users of a shop in the order of their ids: those who have an account, a profile, or both.
package enum KnownUsers {
    package struct Page: Sendable {
        /// In order. One without an account has only a profile.
        package let users: [(user: UserID, account: Account?, profile: UserProfile?)]
        /// The user after whom the next page begins; nil on the last page.
        package let last: UserID?
    }

    package static func page(of tenant: Tenant, after user: UserID?, limit: Int, _ reading: Reading) throws -> Page {
        let filter = Key.range(of: tenant, then: "user_id", after: user?.rawValue ?? "")
        func read(_ collection: String) throws -> [Document] { try reading.find(collection, filter, sort: ["_id": 1], limit: limit) }
        let accounts = try Accounts.whole(read(Accounts.schema.name), reading)
        let profiles = try read(Users.schema.name).map { try StoredProfile($0) }
        // Beyond the end of a page that is full may be users that it does not have.
        let ends = [accounts.count == limit ? accounts.last?.user : nil, profiles.count == limit ? profiles.last?.user : nil]
        let last = ends.compactMap(\.self).min()
        let accountOf = Dictionary(accounts.map { ($0.user, $0) }) { first, _ in first }
        let profileOf = Dictionary(profiles.map { ($0.user, $0.profile) }) { first, _ in first }
        let users = Set(accountOf.keys).union(profileOf.keys).filter { user in last.map { user <= $0 } ?? true }
        return Page(users: users.sorted().map { ($0, accountOf[$0], profileOf[$0]) }, last: last)
    }

    /// The ids of users who have an account, after `user`.
    package static func ids(of tenant: Tenant, after user: UserID?, limit: Int, _ reading: Reading) throws -> [UserID] {
        let filter = Key.range(of: tenant, then: "user_id", after: user?.rawValue ?? "")
        return try reading.find(Accounts.schema.name, filter, sort: ["_id": 1], projection: ["_id": 1], limit: limit).map {
            try $0.document("_id").id("user_id")
        }
    }
}

extension StoredProfile {
    init(_ document: Document) throws {
        let metadata = try document.documents("metadata").map { (try $0.string("name"), try $0.string("value")) }
        let hasRates = document["tax_rates"].map { $0 != .null } ?? false
        self.init(
            user: try document.document("_id").id("user_id"),
            profile: UserProfile(
                name: try document.optionalString("name"), email: try document.optionalString("email"),
                address: try document.optionalDocument("address").map { try PostalAddress($0) },
                taxID: try document.optionalString("tax_id"), language: try document.optionalValue("language"),
                metadata: Dictionary(metadata) { first, _ in first },
                taxRates: hasRates ? try document.documents("tax_rates").map { try TaxRate($0) } : nil,
                taxExemption: try document.optionalString("tax_exemption")),
            createdAt: try document.time("created_at"), updatedAt: try document.time("updated_at"))
    }

    func document(of tenant: Tenant) throws -> Document {
        let rates = try profile.taxRates.map { Value.array(try $0.map { .document(try $0.document) }) }
        let metadata = profile.metadata.sorted { $0.key < $1.key }.map {
            Value.document([("name", .string($0.key)), ("value", .string($0.value))])
        }
        return [
            "_id": Key.user(user, tenant), "name": .text(profile.name), "email": .text(profile.email),
            "address": profile.address?.value ?? .null,
            "tax_id": .text(profile.taxID), "language": .text(profile.language?.rawValue), "metadata": .array(metadata),
            "tax_rates": rates ?? .null, "tax_exemption": .text(profile.taxExemption), "created_at": .time(createdAt),
            "updated_at": .time(updatedAt),
        ]
    }
}
