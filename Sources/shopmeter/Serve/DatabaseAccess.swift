internal import Foundation
internal import Mongo
internal import MongoServer
internal import Service
internal import Store

/// The database that a command works on, and the embedded mongod where this process runs it.
struct DatabaseAccess: Sendable {
    let uri: String
    private let embedded: EmbeddedServer?
    private let directory: DataDirectory?

    /// The configured MongoDB, else an embedded mongod of our own. Blocks up to a minute. Throws when another process has the data directory.
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

    /// The same; but where the service runs on the data directory, its mongod is used.
    static func shared(_ configuration: Configuration) throws -> DatabaseAccess {
        do {
            return try own(configuration, log: { _ in })
        } catch let error as EmbeddedServerError where error.kind == .inUse {
            let directory = try DataDirectory(configuration.dataDirectory)
            return DatabaseAccess(uri: try running(in: directory, within: .seconds(30)), embedded: nil, directory: nil)
        }
    }

    /// The address that the owner of the directory left there, once it answers: the owner may be starting.
    private static func running(in directory: DataDirectory, within limit: Duration) throws -> String {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let uri = try directory.mongodbURI.read(), answers(uri) { return uri }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw Failure("Another shopmeter has the data directory \(directory.path), but its database does not answer.")
    }

    private static func answers(_ uri: String) -> Bool {
        var options = DatabaseOptions()
        options.threads = 1
        guard let database = try? Database(uri: uri, name: "admin", options: options) else { return false }
        defer { database.shutdown() }
        return (try? database.ping()) != nil
    }

    /// Stops the embedded mongod, if this process runs it.
    func close() {
        guard let embedded else { return }
        directory?.mongodbURI.remove()
        embedded.stop()
    }
}

extension MeterStore {
    /// The store of a database that is prepared. Building an index may take long, so that is waited for; where the database is not there,
    /// the error says which setting names it.
    static func prepared(
        uri: String, database name: String, isPatient: Bool = false, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> MeterStore {
        do {
            let patient = MeterStore(database: try Database(uri: uri, name: name, options: .patient))
            defer { patient.shutdown() }
            try patient.prepare()
            if isPatient { return MeterStore(database: try Database(uri: uri, name: name, options: .patient)) }
            return try MeterStore(uri: uri, database: name, log: log)
        } catch let error as StoreError where error.kind == .unavailable {
            throw Failure("The database (SHOPMETER_MONGODB_URI) cannot be reached: \(error)")
        }
    }
}

extension Invocation {
    /// Lends a service on the database for as long as a command runs.
    func withService(
        isPatient: Bool = false, _ body: @escaping @Sendable (ShopMeter) async throws -> Int32
    ) async throws -> Int32 {
        try await withStore(isPatient: isPatient) { store, settings in
            let service = ShopMeter(store: store, settings: settings)
            defer { service.drain() }
            return try await body(service)
        }
    }

    /// The same for what makes its own services. `isPatient`: for reads that take the database long.
    func withStore(
        isPatient: Bool = false, _ body: @escaping @Sendable (MeterStore, Settings) async throws -> Int32
    ) async throws -> Int32 {
        let configuration = try Configuration(self)
        let signals = Signals()
        let access = try DatabaseAccess.shared(configuration)
        defer { access.close() }
        let store = try MeterStore.prepared(uri: access.uri, database: configuration.database, isPatient: isPatient)
        defer { store.shutdown() }
        // The empty token is nobody's: a command authenticates nobody.
        let settings = configuration.settings(adminToken: "")
        return try await signals.interrupting { try await body(store, settings) }
    }
}
