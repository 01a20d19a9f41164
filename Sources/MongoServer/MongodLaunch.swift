internal import Foundation
internal import Mongo

/// The arguments of our mongod, and its start: the same at each restart.
struct MongodLaunch: Sendable {
    let executable: String
    let directory: String
    let port: UInt16
    let cacheGB: Double
    let extraArguments: [String]

    var uri: String { "mongodb://\(host)/?replicaSet=\(ReplicaSet.name)" }

    private var host: String { "127.0.0.1:\(port)" }
    private var dataPath: String { directory + "/db" }
    private var logPath: String { directory + "/mongod.log" }
    var logFiles: LogFiles { LogFiles(path: logPath) }

    private var arguments: [String] {
        [
            "--replSet", ReplicaSet.name, "--bind_ip", "127.0.0.1", "--port", "\(port)", "--nounixsocket",
            "--dbpath", dataPath, "--logpath", logPath, "--logappend", "--logRotate", "reopen", "--quiet",
            "--noscripting", "--wiredTigerCacheSizeGB", "\(cacheGB)", "--oplogSize", "990",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            // A transaction that a killed process left open holds its accounts against other writers for this long.
            "--setParameter", "transactionLifetimeLimitSeconds=5",
        ] + extraArguments
    }

    /// Starts mongod and waits until it accepts writes. After an error mongod does not run.
    func start(within limit: Duration, unless isStopped: () -> Bool = { false }) throws(EmbeddedServerError) -> MongodProcess {
        let process = try spawn()
        do throws(EmbeddedServerError) {
            try awaitPrimary(process, within: limit, unless: isStopped)
        } catch {
            // Nothing that a client wrote is in a mongod that was never ready: it recovers at its next start.
            process.stop(within: .seconds(3))
            throw error
        }
        return process
    }

    func spawn() throws(EmbeddedServerError) -> MongodProcess {
        if let reason = Folder.make(dataPath) { throw EmbeddedServerError(.directory, "\(dataPath) cannot be made: \(reason)") }
        _ = logFiles.turnOver()
        return try MongodProcess(executable, arguments, log: logPath)
    }

    /// Blocks until mongod is a writable primary. Throws when it ends before that, at the limit, and when `isStopped` says so.
    func awaitPrimary(_ process: MongodProcess, within limit: Duration, unless isStopped: () -> Bool) throws(EmbeddedServerError) {
        let deadline = ContinuousClock.now + limit
        let log = ServerLog(path: logPath)
        let set = try replicaSet()
        defer { set.server.shutdown() }
        var last = "it gave no answer"
        while .now < deadline {
            guard !isStopped() else { throw EmbeddedServerError(.stopped, "the start of mongod was called off") }
            guard process.isRunning else {
                throw EmbeddedServerError(
                    process.lostItsPort ? .portTaken : .died,
                    "mongod ended with \(process.ending) while it was starting: \(log.tail)")
            }
            do {
                if try set.step() == .primary { return }
            } catch {
                last = "\(error)"
            }
            process.wait(.milliseconds(50))
        }
        throw EmbeddedServerError(.timedOut, "mongod was not ready after \(limit): \(last)")
    }

    private func replicaSet() throws(EmbeddedServerError) -> ReplicaSet {
        var options = DatabaseOptions.small
        options.selection = .milliseconds(500)
        options.heartbeat = .milliseconds(500)
        do {
            let server = try Database(uri: "mongodb://\(host)/?directConnection=true", name: "admin", options: options)
            return ReplicaSet(server: server, host: host, dataPath: dataPath)
        } catch {
            throw EmbeddedServerError(.died, error.description)
        }
    }
}

/// Reads the end of mongod's log, for an error message.
struct ServerLog {
    let path: String
    /// The log's length in bytes before this start. Older lines say nothing about it.
    private let start: UInt64

    init(path: String) {
        self.path = path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        start = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// The last five errors since the start, or without errors the last five lines; at most 2,000 characters.
    var tail: String {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else { return "" }
        let from = max(start, end > 65_536 ? end - 65_536 : 0)
        guard (try? file.seek(toOffset: from)) != nil, let data = try? file.readToEnd() else { return "" }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let errors = lines.filter { $0.contains("\"s\":\"E\"") || $0.contains("\"s\":\"F\"") || !$0.hasPrefix("{") }
        return String((errors.isEmpty ? lines : errors).suffix(5).joined(separator: "\n").suffix(2000))
    }
}
