internal import Foundation
internal import Mongo
internal import MongoServer
internal import Service
internal import Store

/// The database that a command works on, with the embedded mongod if this process runs it.
struct DatabaseAccess: Sendable {
    /// The connection string.
    let uri: String
    private let embedded: EmbeddedServer?
    private let directory: DataDirectory?

    /// The configured MongoDB, else an embedded mongod that this process starts and owns. Blocks up to a minute.
    /// Throws `EmbeddedServerError.inUse` when another process owns the data directory.
    static func own(_ configuration: Configuration, log: @escaping @Sendable (String) -> Void) throws -> DatabaseAccess {
        if let uri = configuration.mongodbURI { return DatabaseAccess(uri: uri, embedded: nil, directory: nil) }
        let directory = try DataDirectory(configuration.dataDirectory)
        let server = try EmbeddedServer.start(mongod: configuration.mongod, directory: directory.mongodb, log: log)
        do {
            try directory.mongodbURI.write(server.uri)
        } catch {
            server.stop()
            throw error
        }
        return DatabaseAccess(uri: server.uri, embedded: server, directory: directory)
    }

    /// Like `own`; but when a service owns the data directory, the result is that service's embedded mongod.
    static func shared(_ configuration: Configuration) throws -> DatabaseAccess {
        do {
            return try own(configuration, log: { _ in })
        } catch let error as EmbeddedServerError where error.kind == .inUse {
            let directory = try DataDirectory(configuration.dataDirectory)
            return DatabaseAccess(uri: try running(in: directory, within: .seconds(30)), embedded: nil, directory: nil)
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

    /// Stops the embedded mongod, if this process started it.
    func close() {
        guard let embedded else { return }
        directory?.mongodbURI.remove()
        embedded.stop()
    }
}

extension MeterStore {
    /// Prepares the database (validators, indexes, migrations), however long that takes, and returns its store.
    /// - Parameters:
    ///   - isPatient: whether the store's calls may take long, as an export's or an audit's do.
    ///   - log: what the driver reports.
    /// - Throws: a `Failure` that names `SHOPMETER_MONGODB_URI` when the database cannot be reached.
    static func prepared(
        uri: String, database name: String, isPatient: Bool = false, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> MeterStore {
        do {
            let patient = MeterStore(database: try Database(uri: uri, name: name, options: .patient))
            defer { patient.shutdown() }
            try patient.prepare()
            if isPatient { return MeterStore(database: try Database(uri: uri, name: name, options: .patient)) }
            return try MeterStore(uri: uri, database: name, log: log)
        } catch let error as StoreError where error.kind == .unavailable || error.kind == .interrupted {
            throw Failure("The database (SHOPMETER_MONGODB_URI) cannot be reached: \(error)")
        }
    }
}

extension Invocation {
    /// Lends a service on the configured database, and releases it when `body` ends or a signal cancels it. `isPatient` as in `withStore`.
    func withService(
        isPatient: Bool = false, _ body: @escaping @Sendable (ShopMeter) async throws -> Int32
    ) async throws -> Int32 {
        try await withStore(isPatient: isPatient) { store, settings in
            let service = ShopMeter(store: store, settings: settings)
            defer { service.drain() }
            return try await body(service)
        }
    }

    /// Lends a store, for a command that makes its own services.
    /// - Parameter isPatient: whether the store's calls may take long, as an export's or an audit's do.
    func withStore(
        isPatient: Bool = false, _ body: @escaping @Sendable (MeterStore, Settings) async throws -> Int32
    ) async throws -> Int32 {
        let configuration = try Configuration(self)
        let signals = Signals()
        let access = try DatabaseAccess.shared(configuration)
        defer { access.close() }
        let store = try MeterStore.prepared(uri: access.uri, database: configuration.database, isPatient: isPatient)
        defer { store.shutdown() }
        // A command authenticates nobody, so that it needs no admin token.
        let settings = configuration.settings(adminToken: "")
        return try await signals.interrupting { try await body(store, settings) }
    }
}
