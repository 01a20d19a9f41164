internal import BSON
internal import Foundation
package import Mongo
internal import MongoServer
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

    private static let prefix = "shopmeter-test-"
    private static var temporary: String { FileManager.default.temporaryDirectory.path }

    /// Ends the mongods of test processes that died before they could.
    private static func endOrphans() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let owner = pid_t(name.dropFirst(prefix.count).prefix { $0.isNumber }), kill(owner, 0) != 0 else { continue }
            let directory = temporary + "/" + name
            guard (try? EmbeddedServer.endOrphan(in: directory)) != nil else { continue }
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    private static let server: Result<EmbeddedServer, EmbeddedServerError> = Result { () throws(EmbeddedServerError) in
        endOrphans()
        let directory = TestDatabase.directory("shared")
        let server = try EmbeddedServer.start(
            mongod: mongod, directory: directory, cacheGB: 0.5,
            extraArguments: ["--setParameter", "enableTestCommands=1"] + forgettingQuickly)
        running.withLock { $0 = (server, directory) }
        atexit {
            guard let (server, directory) = TestDatabase.running.withLock({ $0 }) else { return }
            server.stop()
            try? FileManager.default.removeItem(atPath: directory)
        }
        return server
    }

    /// A dropped database is a hundred open files until it is certain that nobody reads it any more: five minutes, if nothing is said.
    private static let forgettingQuickly = ["--setParameter", "minSnapshotHistoryWindowInSeconds=5", "--syncdelay", "5"]

    /// A name for a directory of this process; a later process removes what a dead one left under such a name.
    package static func directory(_ name: String) -> String {
        "\(temporary)/\(prefix)\(getpid())-\(name)"
    }

    private static let running = Mutex<(EmbeddedServer, String)?>(nil)
}

/// Each database is a hundred files to its server, and Swift Testing begins hundreds of tests at once.
private let gate = Gate(count: 12)

extension DatabaseOptions {
    /// A busy machine is no reason for a test to fail: its calls wait.
    fileprivate static var forTests: DatabaseOptions {
        var options = DatabaseOptions()
        options.queueWait = .seconds(60)
        options.waitForConnection = .seconds(60)
        return options
    }
}

/// Gives the body a database of its own, and removes it afterwards.
package func withTestDatabase<R>(
    options: DatabaseOptions? = nil, _ body: (Database) async throws -> R
) async throws -> R {
    try await gate.pass {
        let database = try TestDatabase.make(options: options ?? .forTests)
        do {
            let result = try await body(database)
            try TestDatabase.drop(database)
            return result
        } catch {
            try? TestDatabase.drop(database)
            throw error
        }
    }
}
