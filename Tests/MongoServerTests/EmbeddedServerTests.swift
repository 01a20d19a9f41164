import BSON
import Dispatch
import Foundation
import Mongo
import Support
import Synchronization
import Testing

@testable import MongoServer

/// Serialized: each starts its own mongod.
@Suite(.serialized) struct `The embedded server` {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = TestDatabase.directory("embedded")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func start(
        _ directory: String, port: UInt16? = nil, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> EmbeddedServer {
        try EmbeddedServer.start(mongod: TestDatabase.mongod, directory: directory, port: port, cacheGB: 0.25, log: log)
    }

    private func withDatabase<R>(_ server: EmbeddedServer, _ body: (Database) throws -> R) throws -> R {
        let database = try Database(uri: server.uri, name: "test")
        defer { database.shutdown() }
        return try body(database)
    }

    private func insert(_ id: Int64, _ database: Database) throws {
        try database.withConnection { try $0.insert("a", [["_id": .int64(id)]]) }
    }

    private func ids(_ database: Database) throws -> [Value?] {
        try database.withConnection { try $0.find("a", [:], sort: ["_id": 1]).map { $0["_id"] } }
    }

    /// Repeats a call until the driver has found the server again, for at most 20 s. It is polled, as the driver does not announce that.
    private func reconnecting(_ call: () throws -> Void) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do { return try call() } catch let error as MongoError where error.isTemporary && .now < deadline {
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    @Test func `A second start finds the data, on the same port, and on another`() throws {
        try withDirectory { directory in
            let first = try start(directory)
            try withDatabase(first) { try insert(1, $0) }
            first.stop()
            first.stop()
            let second = try start(directory)
            #expect(second.uri == first.uri)
            try withDatabase(second) { try insert(2, $0) }
            second.stop()
            let other = try start(directory, port: try LoopbackPort(directory: directory + "/elsewhere").choose())
            defer { other.stop() }
            #expect(other.uri != first.uri)
            #expect(try withDatabase(other, ids) == [1, 2])
        }
    }

    @Test func `A second owner is refused while the first lives`() throws {
        try withDirectory { directory in
            let first = try start(directory)
            let error = #expect(throws: EmbeddedServerError.self) { try start(directory) }
            #expect(error?.kind == .inUse)
            #expect(error?.description.contains("another shopmeter") == true)
            try withDatabase(first) { try insert(1, $0) }
            first.stop()
        }
    }

    @Test func `A mongod left behind is ended and its data kept`() throws {
        try withDirectory { directory in
            let orphan = MongodLaunch(
                executable: TestDatabase.mongod, directory: directory, port: try LoopbackPort(directory: directory).choose(),
                cacheGB: 0.25, extraArguments: [])
            let process = try orphan.start(within: .seconds(60))
            let database = try Database(uri: orphan.uri, name: "test")
            try insert(7, database)
            database.shutdown()
            let server = try start(directory)
            defer { server.stop() }
            #expect(process.wait(.seconds(5)))
            #expect(throws: EmbeddedServerError.self) { try EmbeddedServer.endOrphan(in: directory) }
            #expect(try withDatabase(server, ids) == [7])
        }
    }

    @Test func `A killed mongod is started again and has every acknowledged write`() throws {
        try withDirectory { directory in
            let restarted = DispatchSemaphore(value: 0)
            let server = try start(directory) { line in if line == "mongod runs again" { restarted.signal() } }
            defer { server.stop() }
            try withDatabase(server) { database in
                try insert(1, database)
                let pid = try #require(server.processIdentifier)
                kill(pid, SIGKILL)
                #expect(restarted.wait(timeout: .now() + 60) == .success)
                try reconnecting { try database.ping() }
                #expect(server.processIdentifier != pid)
                try reconnecting { try insert(2, database) }
                #expect(try ids(database) == [1, 2])
            }
        }
    }

    @Test func `A frozen mongod is given up on, long before the driver would by itself, and is back when it thaws`() throws {
        try withDirectory { directory in
            let server = try start(directory)
            defer { server.stop() }
            try withDatabase(server) { database in
                try insert(1, database)
                let pid = try #require(server.processIdentifier)
                try freeze(pid)
                for _ in 0..<2 {
                    let start = ContinuousClock.now
                    let error = #expect(throws: MongoError.self) { try ids(database) }
                    #expect(error?.kind == .unavailable)
                    #expect(start.duration(to: .now) < .seconds(20))
                }
                kill(pid, SIGCONT)
                try reconnecting { try insert(2, database) }
            }
        }
    }

    @Test func `A taken port is an error that says so`() throws {
        try withDirectory { directory in
            let taken = try #require(UInt16(try TestDatabase.uri().split(separator: ":")[2].prefix { $0.isNumber }))
            let error = #expect(throws: EmbeddedServerError.self) { try start(directory, port: taken) }
            #expect(error?.kind == .portTaken)
            #expect(error?.description.contains("in use") == true)
        }
    }

    @Test func `The log turns over at its bound, and five files are kept`() throws {
        try withDirectory { directory in
            let server = try start(directory)
            defer { server.stop() }
            let log = directory + "/mongod.log"
            for _ in 0..<6 {
                server.turnOverLog(at: 1)
                // mongod opens the new file when it takes the signal, at most once in a second.
                let deadline = ContinuousClock.now + .seconds(20)
                while (SmallFile.read(log) ?? []).isEmpty, .now < deadline {
                    Thread.sleep(forTimeInterval: 0.01)
                    server.turnOverLog(at: .max)
                }
                #expect(SmallFile.read(log)?.isEmpty == false)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("mongod.log") }
            #expect(files.sorted() == ["mongod.log", "mongod.log.1", "mongod.log.2", "mongod.log.3", "mongod.log.4"])
            server.turnOverLog()
            #expect(FileManager.default.fileExists(atPath: log), "it is shorter than its bound")
        }
    }

    @Test func `A start that is called off ends its mongod`() throws {
        try withDirectory { directory in
            let asked = Mutex(0)
            let error = #expect(throws: EmbeddedServerError.self) {
                try EmbeddedServer.start(
                    mongod: TestDatabase.mongod, directory: directory,
                    isStopped: {
                        asked.withLock { asked in
                            asked += 1
                            return asked > 0
                        }
                    })
            }
            #expect(error?.kind == .stopped)
            let server = try start(directory)
            server.stop()
        }
    }

    @Test func `A frozen mongod is killed by a stop`() throws {
        try withDirectory { directory in
            let server = try start(directory)
            try withDatabase(server) { try insert(1, $0) }
            let pid = try #require(server.processIdentifier)
            try freeze(pid)
            server.stop(within: .milliseconds(200))
            #expect(server.processIdentifier == nil)
            let second = try start(directory)
            defer { second.stop() }
            #expect(try withDatabase(second, ids) == [1])
        }
    }

    @Test(arguments: [
        ("/dev/null", EmbeddedServerError.Kind.executable), ("/nonexistent/mongod", .executable), ("false", .notMongod),
        ("/bin/true", .notMongod),
        ("cat", .notMongod),
    ])
    func `What is no mongod is named as the cause`(executable: String, kind: EmbeddedServerError.Kind) throws {
        try withDirectory { directory in
            let error = #expect(throws: EmbeddedServerError.self) {
                try EmbeddedServer.start(mongod: executable, directory: directory)
            }
            #expect(error?.kind == kind)
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }

    @Test func `A mongod that is too old is refused with its version`() throws {
        try withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let old = directory + "/mongod"
            try "#!/bin/sh\necho db version v4.4.29\n".write(toFile: old, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: old)
            let error = #expect(throws: EmbeddedServerError.self) { try MongodProgram.version(of: old) }
            #expect(error?.kind == .notMongod)
            #expect(error?.description.contains("4.4.29") == true)
        }
    }

    @Test func `A directory that cannot be made is named`() {
        let error = #expect(throws: EmbeddedServerError.self) { try start("/dev/null/data") }
        #expect(error?.kind == .directory)
        #expect(error?.description.contains("/dev/null/data") == true)
    }

    @Test func `Restarts pause longer while mongod keeps dying young`() {
        var backoff = RestartBackoff()
        let young = (0..<10).map { _ in backoff.next(afterRunning: .seconds(1)) }
        #expect(young.first == .milliseconds(100))
        #expect(young.last == .seconds(30))
        #expect(backoff.next(afterRunning: .seconds(61)) == .milliseconds(100))
    }
}
