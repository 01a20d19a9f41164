internal import BSON
internal import Foundation
package import Mongo
internal import Synchronization

/// Databases on one real mongod, which the first test starts and the end of the process stops.
///
/// The executable is `SHOPMETER_MONGOD`, else `mongod` on the PATH.
package enum TestDatabase {
    /// A database of its own, empty, with a random name.
    package static func make(options: DatabaseOptions = DatabaseOptions()) throws -> Database {
        let name = "test_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        return try Database(uri: uri(), name: name, options: options)
    }

    /// Removes the database and its connections.
    package static func drop(_ database: Database) throws {
        defer { database.shutdown() }
        try database.withConnection { try $0.dropDatabase() }
    }

    /// Where the test process's mongod listens.
    package static func uri() throws -> String {
        try server.get().uri
    }

    package static var mongod: String {
        ProcessInfo.processInfo.environment["SHOPMETER_MONGOD"] ?? "mongod"
    }

    private static let server: Result<EmbeddedServer, EmbeddedServerError> = Result { () throws(EmbeddedServerError) in
        let directory = FileManager.default.temporaryDirectory.path + "/shopmeter-test-\(ProcessInfo.processInfo.processIdentifier)"
        let server = try EmbeddedServer.start(
            mongod: mongod, directory: directory, cacheGB: 0.5, extraArguments: ["--setParameter", "enableTestCommands=1"])
        running.withLock { $0 = (server, directory) }
        atexit {
            guard let (server, directory) = TestDatabase.running.withLock({ $0 }) else { return }
            server.stop()
            try? FileManager.default.removeItem(atPath: directory)
        }
        return server
    }

    private static let running = Mutex<(EmbeddedServer, String)?>(nil)
}

/// Gives the body a database of its own, and removes it afterwards.
package func withTestDatabase<R>(
    options: DatabaseOptions = DatabaseOptions(), _ body: (Database) async throws -> R
) async throws -> R {
    let database = try TestDatabase.make(options: options)
    do {
        let result = try await body(database)
        try TestDatabase.drop(database)
        return result
    } catch {
        try? TestDatabase.drop(database)
        throw error
    }
}
