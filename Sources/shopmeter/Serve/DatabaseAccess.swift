internal import Foundation
internal import JSON
internal import Mongo
internal import MongoServer
internal import Store

/// The database that a command works on, with the embedded mongod if this process runs it.
struct DatabaseAccess: Sendable {
    /// The connection string.
    let uri: String
    private let embedded: EmbeddedServer?
    /// Where the embedded database is; nil for a configured MongoDB.
    let directory: DataDirectory?

    /// The configured MongoDB, else an embedded mongod that this process starts and owns. Blocks up to a minute.
    /// Throws `EmbeddedServerError.inUse` when another process owns the data directory.
    /// - Parameter creates: whether a missing data directory and database are made; if not, they are a `Failure`.
    static func own(
        _ configuration: Configuration, creates: Bool, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> DatabaseAccess {
        if let uri = configuration.mongodbURI { return DatabaseAccess(uri: uri, embedded: nil, directory: nil) }
        let directory = try DataDirectory(configuration.dataDirectory, creates: creates)
        let server = try EmbeddedServer.start(mongod: configuration.mongod, directory: directory.mongodb, creates: creates, log: log)
        return DatabaseAccess(uri: server.uri, embedded: server, directory: directory)
    }

    /// Like `own` without creating; but when a service owns the data directory, the result is that service's embedded mongod.
    static func shared(_ configuration: Configuration) throws -> DatabaseAccess {
        do {
            return try own(configuration, creates: false)
        } catch let error as EmbeddedServerError where error.kind == .inUse {
            let directory = try DataDirectory(configuration.dataDirectory, creates: false)
            return DatabaseAccess(uri: try running(in: directory, within: .seconds(30)), embedded: nil, directory: directory)
        }
    }

    /// The connection string that the owner of the directory left there, once its mongod answers. Waits, as the owner may still be starting.
    private static func running(in directory: DataDirectory, within limit: Duration) throws -> String {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let uri = try directory.mongodbURI.read(), answers(uri) { return uri }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw Failure("Another shopmeter has the data directory \(directory.path), but its database does not answer.")
    }

    /// Whether a MongoDB answers a ping at this connection string.
    private static func answers(_ uri: String) -> Bool {
        var options = DatabaseOptions()
        options.threads = 1
        guard let database = try? Database(uri: uri, name: "admin", options: options) else { return false }
        defer { database.shutdown() }
        return (try? database.ping()) != nil
    }

    /// Tells other commands where the embedded mongod of this process is. To be called once the database can be used.
    func announce() throws(Failure) {
        if embedded != nil { try directory?.mongodbURI.write(uri) }
    }

    /// Stops the embedded mongod, if this process started it.
    func close() {
        guard let embedded else { return }
        directory?.mongodbURI.remove()
        embedded.stop()
    }
}

extension DatabaseAccess {
    /// The store of the service. Brings the schema up to date first, however long that takes.
    /// - Throws: a `Failure` that names `SHOPMETER_MONGODB_URI` when the database cannot be reached.
    func preparedStore(_ name: String, log: Log) throws -> MeterStore {
        try reaching {
            let patient = MeterStore(database: try Database(uri: uri, name: name, options: .patient))
            defer { patient.shutdown() }
            try patient.prepare { log.info("schema", ["detail": .string($0)]) }
            return try MeterStore(uri: uri, database: name) { log.warning("driver", ["detail": .string($0)]) }
        }
    }

    /// A store of a database that `serve` has prepared, for a command. Says on the standard error which database that is, and changes nothing.
    /// - Parameter isPatient: whether the store's calls may take long, as an export's or an audit's do.
    func store(_ name: String, isPatient: Bool) throws -> MeterStore {
        try reaching {
            let database = try Database(uri: uri, name: name, options: isPatient ? .patient : DatabaseOptions())
            Console.complain("the database is \"\(name)\" at \(database.hosts.joined(separator: ","))\(place)")
            let store = MeterStore(database: database)
            do {
                try store.requireSchema()
            } catch {
                store.shutdown()
                throw error
            }
            return store
        }
    }

    private var place: String { directory.map { ", in \($0.path)" } ?? "" }

    private func reaching<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as StoreError where error.kind == .unavailable || error.kind == .interrupted {
            throw Failure("The database (SHOPMETER_MONGODB_URI) cannot be reached: \(error)")
        }
    }
}
