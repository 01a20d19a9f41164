internal import BSON
internal import Mongo

/// Makes a mongod the writable primary of a replica set of one member, whatever state its data is in.
struct ReplicaSet {
    static let name = "shopmeter"

    /// By a direct connection (`directConnection=true`), as the set may not exist yet.
    let server: Database
    let host: String
    let dataPath: String

    enum State: Equatable {
        case primary
        /// Not primary yet: `step` is to be called again.
        case waiting
    }

    /// Looks at the server, and takes the one step that is needed next. To be called until it returns `.primary`.
    func step() throws -> State {
        try server.withConnection { connection in
            try requireOurs(connection)
            let hello = try connection.command(["hello": .int32(1)], on: "admin")
            if try hello.optionalBool("isWritablePrimary") == true, try hello.optionalString("me") == host { return .primary }
            guard let config = try config(connection) else {
                try initiate(connection)
                return .waiting
            }
            try correct(config, connection)
            return .waiting
        }
    }

    /// Throws when another process's mongod answers on our port. That mongod is left alone.
    private func requireOurs(_ connection: Connection) throws {
        let parsed = try connection.command(["getCmdLineOpts": .int32(1)], on: "admin").document("parsed")
        guard try parsed.optionalDocument("storage")?.optionalString("dbPath") == dataPath else {
            throw EmbeddedServerError(.died, "another mongod answers on \(host)")
        }
    }

    /// The stored configuration; nil before the set was initiated.
    private func config(_ connection: Connection) throws -> Document? {
        do {
            return try connection.command(["replSetGetConfig": .int32(1)], on: "admin").document("config")
        } catch let error as MongoError where error.code == ServerCode.notYetInitialized {
            return nil
        }
    }

    private func initiate(_ connection: Connection) throws {
        let config: Document = ["_id": .string(Self.name), "members": .array([member])]
        _ = try connection.command(["replSetInitiate": .document(config)], on: "admin")
    }

    /// Tells the set this server's present port, if the set has another. Only `force` works, as the set has no primary then.
    private func correct(_ config: Document, _ connection: Connection) throws {
        let hosts = try config.array("members").compactMap { try $0.asDocument?.string("host") }
        guard hosts != [host] else { return }
        var config = config
        config["members"] = .array([member])
        _ = try connection.command(["replSetReconfig": .document(config), "force": true], on: "admin")
    }

    private var member: Value { ["_id": .int32(0), "host": .string(host)] }
}
