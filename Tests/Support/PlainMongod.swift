package import BSON
internal import Foundation
internal import Mongo
internal import Synchronization

/// A mongod as a stranger may have set it up: alone, in a set that was never initiated, with users. It ends with `stop`.
package final class PlainMongod: Sendable {
    package let port: UInt16
    private let directory: String
    private let process: Mutex<Process>

    package var host: String { "127.0.0.1:\(port)" }

    /// Starts a mongod on a free port, and returns when it answers.
    package static func start(_ arguments: [String] = []) async throws -> PlainMongod {
        while true {
            let mongod = try PlainMongod(arguments)
            let answered = try await poll { () -> Bool? in mongod.answers ? true : mongod.isRunning ? nil : false }
            if answered { return mongod }
            // Another process had the port.
            mongod.stop()
        }
    }

    private init(_ arguments: [String]) throws {
        port = UInt16.random(in: 20_000...32_000)
        directory = TestDatabase.directory("plain")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A key file's members trust each other by its content.
        let key = directory + "/key"
        try Data("a+key+of+the+tests".utf8).write(to: URL(fileURLWithPath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        process.arguments =
            [
                TestDatabase.mongod, "--dbpath", directory, "--port", "\(port)", "--bind_ip", "127.0.0.1", "--nounixsocket", "--logpath",
                directory + "/log",
            ]
            + ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "50", "--setParameter", "diagnosticDataCollectionEnabled=false"]
            + arguments.map { $0 == "KEY" ? key : $0 }
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        self.process = Mutex(process)
    }

    /// Ends the process, and removes its files.
    package func stop() {
        process.withLock { process in
            if process.isRunning { process.terminate() }
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs commands on the database `admin`, perhaps as a user.
    package func command(_ command: Document, as user: String? = nil) throws -> Document {
        var options = DatabaseOptions()
        options.threads = 1
        let login = user.map { "\($0):password@" } ?? ""
        let admin = try Database(uri: "mongodb://\(login)\(host)/?directConnection=true", name: "admin", options: options)
        defer { admin.shutdown() }
        return try admin.withConnection { try $0.command(command, on: "admin") }
    }

    /// Makes the set of this member and others, and returns when this one is the primary.
    package func initiate(_ name: String, with others: [PlainMongod] = []) async throws {
        let members = ([self] + others).enumerated().map { number, member -> Value in
            ["_id": .int32(Int32(number)), "host": .string(member.host), "priority": .int32(number == 0 ? 2 : 1)]
        }
        let config: Document = ["_id": .string(name), "members": .array(members)]
        _ = try command(["replSetInitiate": .document(config)])
        _ = try await poll { try command(["hello": .int32(1)])["isWritablePrimary"]?.asBool == true ? true : nil }
    }

    private var isRunning: Bool { process.withLock { $0.isRunning } }
    private var answers: Bool { (try? command(["ping": .int32(1)])) != nil }
}
