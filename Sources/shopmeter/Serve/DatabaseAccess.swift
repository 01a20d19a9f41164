internal import Foundation
internal import JSON
internal import Mongo
internal import MongoServer
internal import Store

/// The database that a command works on, with the embedded mongod if this process runs it.
struct DatabaseAccess: Sendable {
    let uri: ConnectionString
    /// The embedded mongod, if this process runs it.
    let embedded: EmbeddedServer?
    /// Where the embedded database is; nil for a configured MongoDB.
    let directory: DataDirectory?

    /// The configured MongoDB, else an embedded mongod that this process starts and owns. Blocks up to a minute.
    /// Throws `EmbeddedServerError.inUse` when another process owns the data directory.
    /// - Parameters:
    ///   - creates: whether a missing data directory and database are made; if not, they are a `Failure`.
    ///   - isStopped: asked while mongod starts; when it says yes, an error is thrown.
    static func own(
        _ configuration: Configuration, creates: Bool, isStopped: @escaping @Sendable () -> Bool,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> DatabaseAccess {
        if let uri = configuration.mongodbURI { return DatabaseAccess(uri: uri, embedded: nil, directory: nil) }
        let directory = try DataDirectory(configuration.dataDirectory, creates: creates)
        let server = try EmbeddedServer.start(
            mongod: configuration.mongod, directory: directory.mongodb, creates: creates, isStopped: isStopped, log: log)
        guard let uri = ConnectionString(server.uri) else { throw Failure("The address of the embedded mongod is none: \(server.uri).") }
        return DatabaseAccess(uri: uri, embedded: server, directory: directory)
    }

    /// Like `own` without creating; but when a service owns the data directory, the result is that service's embedded mongod.
    static func shared(_ configuration: Configuration, isStopped: @escaping @Sendable () -> Bool) throws -> DatabaseAccess {
        do {
            return try own(configuration, creates: false, isStopped: isStopped)
        } catch let error as EmbeddedServerError where error.kind == .inUse {
            let directory = try DataDirectory(configuration.dataDirectory, creates: false)
            let uri = try running(in: directory, within: .seconds(30), isStopped: isStopped)
            return DatabaseAccess(uri: uri, embedded: nil, directory: directory)
        }
    }

    /// The connection string that the owner of the directory left there, once its mongod answers. Waits, as the owner may still be starting.
    private static func running(
        in directory: DataDirectory, within limit: Duration, isStopped: () -> Bool
    ) throws -> ConnectionString {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard !isStopped() else { throw CancellationError() }
            if let text = try directory.mongodbURI.read(), let uri = ConnectionString(text), answers(uri) { return uri }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw Failure("Another shopmeter has the data directory \(directory.path), but its database does not answer.")
    }

    /// Whether a MongoDB answers a ping at this connection string.
    private static func answers(_ uri: ConnectionString) -> Bool {
        (try? Database.lent(uri: uri.secret, name: "admin") { try $0.ping() }) != nil
    }

    /// Tells other commands where the embedded mongod of this process is. To be called once the database can be used.
    func announce() throws(Failure) {
        if embedded != nil { try directory?.mongodbURI.write(uri.secret) }
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
    /// - Throws: a `Failure` that names `SHOPMETER_MONGODB_URI` and the next step when the service cannot work with that MongoDB.
    func preparedStore(_ name: String, log: Log, isStopped: @escaping @Sendable () -> Bool) throws -> MeterStore {
        if embedded == nil { try DatabaseCheck(uri: uri, database: name).require() }
        return try reaching(name) {
            let patient = MeterStore(database: try Database(uri: uri.secret, name: name, options: .patient))
            defer { patient.shutdown() }
            try patient.prepare(log: { log.info("schema", ["detail": .string($0)]) }, isStopped: isStopped)
            return try MeterStore(uri: uri.secret, database: name) { log.warning("driver", ["detail": .string($0)]) }
        }
    }

    /// A store of a database that `serve` has prepared, for a command. Says on the standard error which database that is, and changes nothing.
    /// - Parameter isPatient: whether the store's calls may take long, as an export's or an audit's do.
    func store(_ name: String, isPatient: Bool) throws -> MeterStore {
        try reaching(name) {
            let database = try Database(uri: uri.secret, name: name, options: isPatient ? .patient : DatabaseOptions())
            Console.complain("the database is \"\(name)\" at \(uri)\(place)")
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

    /// Runs the body. An error of a configured MongoDB is told as what is wrong there, if that is found.
    private func reaching<R>(_ name: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch {
            guard embedded == nil, error is StoreError || error is MongoError else { throw error }
            try DatabaseCheck(uri: uri, database: name).require()
            throw error
        }
    }
}
