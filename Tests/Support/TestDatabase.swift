internal import BSON
internal import Foundation
package import Mongo
internal import MongoServer
internal import Synchronization

/// Databases on one real mongod, which the first test that needs it starts and the end of the test process stops.
///
/// Its executable is `SHOPMETER_MONGOD`, else `mongod` on the PATH.
package enum TestDatabase {
    /// A database of that name; by default an empty one with a random name.
    package static func make(options: DatabaseOptions = DatabaseOptions(), name: String? = nil) throws -> Database {
        let random = "test_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        return try Database(uri: uri(), name: name ?? random, options: options)
    }

    /// Drops the database, and closes its connections.
    package static func drop(_ database: Database) throws {
        defer { database.shutdown() }
        try database.withConnection { try $0.dropDatabase() }
    }

    /// The connection string of the test process's mongod, which this starts if it does not run.
    package static func uri() throws -> String {
        try server.get().uri
    }

    /// The executable of mongod.
    package static var mongod: String {
        ProcessInfo.processInfo.environment["SHOPMETER_MONGOD"] ?? "mongod"
    }

    /// Of the names of test processes' directories; the owner's process id follows.
    private static let prefix = "shopmeter-test-"
    private static var temporary: String { FileManager.default.temporaryDirectory.path }

    /// Ends the mongods that killed test processes left behind, and removes their directories.
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

    /// mongod keeps the hundred files of a dropped database open for as long as a snapshot may read them: five minutes by default.
    private static let forgettingQuickly = ["--setParameter", "minSnapshotHistoryWindowInSeconds=5", "--syncdelay", "5"]

    /// The path of a new directory of this process, another one at each call, which the caller makes and removes. When this process is killed, a later
    /// one removes it.
    package static func directory(_ name: String) -> String {
        "\(temporary)/\(prefix)\(getpid())-\(name)-\(directories.add(1, ordering: .relaxed).newValue)"
    }

    private static let directories = Atomic(0)

    /// Each database is a hundred open files to mongod, and Swift Testing begins hundreds of tests at once.
    static let gate = Gate(count: 12)

    private static let running = Mutex<(EmbeddedServer, String)?>(nil)
}

extension DatabaseOptions {
    /// Calls wait long, as a busy machine is no reason for a test to fail.
    package static var forTests: DatabaseOptions {
        var options = DatabaseOptions()
        options.queueWait = .seconds(60)
        options.waitForConnection = .seconds(60)
        options.selection = .seconds(10)
        options.socket = .seconds(20)
        return options
    }
}

/// Lends `body` an empty database, and drops it afterwards. At most 12 tests have one at a time; the others wait for their turn.
package func withTestDatabase<R>(
    options: DatabaseOptions? = nil, _ body: (Database) async throws -> R
) async throws -> R {
    try await TestDatabase.gate.pass {
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
