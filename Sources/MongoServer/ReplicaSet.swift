internal import BSON
internal import Mongo

/// Makes a lone mongod the writable primary of a replica set of one, whatever state its data is in.
struct ReplicaSet {
    static let name = "shopmeter"

    /// A direct connection: the set may not exist yet.
    let server: Database
    let host: String
    let dataPath: String

    enum State: Equatable {
        case primary
        /// On its way, or in need of `step`.
        case waiting
    }

    /// Looks, and does the one thing that is needed next. To be called until it says `.primary`.
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

    /// Where the port was taken, somebody else's mongod answers on it: that one is left alone.
    private func requireOurs(_ connection: Connection) throws {
        let parsed = try connection.command(["getCmdLineOpts": .int32(1)], on: "admin").document("parsed")
        guard try parsed.optionalDocument("storage")?.optionalString("dbPath") == dataPath else {
            throw EmbeddedServerError(.died, "another mongod answers on \(host)")
        }
    }

    /// The stored configuration, nil where there is none.
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

    /// Where the set knows this server by another port, tells it the present one. Only force works: nobody is primary then.
    private func correct(_ config: Document, _ connection: Connection) throws {
        let hosts = try config.array("members").compactMap { try $0.asDocument?.string("host") }
        guard hosts != [host] else { return }
        var config = config
        config["members"] = .array([member])
        _ = try connection.command(["replSetReconfig": .document(config), "force": true], on: "admin")
    }

    private var member: Value { ["_id": .int32(0), "host": .string(host)] }
}
