internal import BSON
internal import Mongo
internal import Store

/// Looks at the MongoDB of a connection string, and says what ShopMeter cannot work with. It changes nothing. Its calls block.
struct DatabaseCheck: Sendable {
    let uri: ConnectionString
    let database: String

    /// Throws what keeps the service from working with this MongoDB, with the next step.
    func require() throws(Failure) {
        if let found = try? together(), found.firstWrong == nil { return }
        if let wrong = findings().firstWrong { throw Failure(wrong.sentence) }
    }

    /// Looks at each server alone, and where none of them is wrong at the set as the service will see it.
    func findings() -> [Finding] {
        let alone = uri.hosts.flatMap { host in uri.direct(to: host).map { look(at: $0, host) } ?? [] }
        // A member that is down is wrong only where no other answers.
        let silent = alone.filter { $0.grade == .note }
        if !alone.isEmpty, silent.count == alone.count {
            return [
                .wrong(
                    "SHOPMETER_MONGODB_URI: nothing answers at \(uri).",
                    "Check that MongoDB runs there and can be reached from this machine. The driver says: \(silent[0].step)")
            ]
        }
        guard alone.firstWrong == nil else { return alone }
        do { return alone + (try together()) } catch { return alone + [unreachable(error)] }
    }

    /// What one server says of itself.
    private func look(at server: ConnectionString, _ host: String) -> [Finding] {
        do {
            let facts = try facts(of: server, host)
            if let problem = facts.problem(expecting: uri.replicaSet) { return [problem] }
            return [.good("SHOPMETER_MONGODB_URI: the MongoDB at \(host) is of version \(facts.version), \(Self.role(of: facts)).")]
        } catch let error as MongoError where error.isRefusedLogin {
            return [refused(host)]
        } catch {
            return [.note("SHOPMETER_MONGODB_URI: the MongoDB at \(host) does not answer.", "\(error)")]
        }
    }

    private static func role(of facts: ServerFacts) -> String {
        facts.isRouter ? "a router of shards" : "\(facts.isPrimary ? "the primary" : "a member") of the replica set \"\(facts.set ?? "")\""
    }

    private func refused(_ host: String) -> Finding {
        .wrong(
            "SHOPMETER_MONGODB_URI: the MongoDB at \(host) refuses the user \"\(uri.user ?? "")\" or the password.",
            "Check both; a user that belongs to another database than admin needs authSource=DATABASE behind the /?.")
    }

    private func unreachable(_ error: any Error) -> Finding {
        .wrong(
            "SHOPMETER_MONGODB_URI: the replica set has no primary that can be reached.",
            "rs.status() in mongosh tells its members' states; the names that they give themselves must be known to this machine, too. "
                + "The driver says: \(error)")
    }

    private func facts(of uri: ConnectionString, _ host: String) throws -> ServerFacts {
        try lending(uri, as: "admin") { try Self.facts(host, $0) }
    }

    private static func facts(_ host: String, _ connection: Connection) throws -> ServerFacts {
        try ServerFacts(
            host: host, hello: connection.command(["hello": .int32(1)], on: "admin"),
            build: connection.command(["buildInfo": .int32(1)], on: "admin"))
    }

    /// What the service itself sees: the primary, the user's rights, the schema.
    private func together() throws -> [Finding] {
        try lending(uri, as: database) { connection in
            let facts = try Self.facts("\(uri)", connection)
            if let problem = facts.problem(expecting: uri.replicaSet) { return [problem] }
            let status = try connection.command(["connectionStatus": .int32(1), "showPrivileges": true], on: "admin")
            let privileges = try Privileges(status, in: database)
            let advice = MeterStore.adviceOnTransactionLifetime(connection).map {
                Finding.note("SHOPMETER_MONGODB_URI: the accounts of a lost instance.", $0)
            }
            return [rights(privileges), advice].compactMap(\.self) + [schema(connection)]
        }
    }

    private func rights(_ privileges: Privileges) -> Finding {
        guard !privileges.missing.isEmpty else { return .good("SHOPMETER_MONGODB_URI: the rights in \"\(database)\" are enough.") }
        let user = privileges.user ?? ""
        return .wrong(
            "SHOPMETER_MONGODB_URI: the user \"\(user)\" lacks rights in the database \"\(database)\": \(privileges.missing.joined(separator: ", ")).",
            "Grant the roles readWrite and dbAdmin there: db.grantRolesToUser(\"\(user)\", "
                + "[{role: \"readWrite\", db: \"\(database)\"}, {role: \"dbAdmin\", db: \"\(database)\"}]).")
    }

    private func schema(_ connection: Connection) -> Finding {
        do {
            guard let error = try MeterStore.schemaError(connection, of: database) else {
                return .good("SHOPMETER_DATABASE: the schema of \"\(database)\" is this program's.")
            }
            guard error.kind == .newer else { return .good("SHOPMETER_DATABASE: \(error)") }
            return .wrong("SHOPMETER_DATABASE: \(error)", "")
        } catch {
            return .wrong("SHOPMETER_DATABASE: \"\(database)\" cannot be read: \(error).", "Check the user's rights.")
        }
    }

    private func lending<R>(_ uri: ConnectionString, as name: String, _ body: (Connection) throws -> R) throws -> R {
        try Database.lent(uri: uri.secret, name: name) { try $0.withConnection(body) }
    }
}

extension MongoError {
    /// Whether the server refused who we say we are: AuthenticationFailed, or libmongoc's own word for it.
    fileprivate var isRefusedLogin: Bool { kind == .server && (code == 18 || message.lowercased().contains("authentication")) }
}
