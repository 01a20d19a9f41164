internal import BSON

/// What the user of a connection may do (`connectionStatus` with `showPrivileges`).
struct Privileges: Equatable, Sendable {
    /// The rights that the service uses in its database. The roles `readWrite` and `dbAdmin` have them.
    static let needed = [
        "find", "insert", "update", "remove", "createCollection", "createIndex", "collMod", "listCollections", "listIndexes",
    ]

    /// Nil where the server asks nobody who they are.
    let user: String?
    private let granted: Set<String>

    init(_ status: Document, in database: String) throws {
        let info = try status.document("authInfo")
        user = try info.optionalArray("authenticatedUsers")?.first?.asDocument?.string("user")
        let privileges = try (info.optionalArray("authenticatedUserPrivileges") ?? []).compactMap(\.asDocument)
        granted = Set(
            try privileges.filter { try Self.covers($0.document("resource"), database) }.flatMap { try $0.array("actions") }
                .compactMap(\.asString))
    }

    /// The needed rights that the user lacks.
    var missing: [String] {
        user == nil || granted.contains("anyAction") ? [] : Self.needed.filter { !granted.contains($0) }
    }

    /// Whether a privilege's resource is every collection of the database, or of every one; or, for the actions of a cluster, the cluster.
    private static func covers(_ resource: Document, _ database: String) throws -> Bool {
        if try resource.optionalBool("anyResource") == true || resource.optionalBool("cluster") == true { return true }
        guard let name = try resource.optionalString("db"), try resource.optionalString("collection") == "" else { return false }
        return name == database || name.isEmpty
    }
}
