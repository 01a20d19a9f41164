internal import Foundation
internal import Mongo

/// How our mongod is started, each time in the same way.
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

    private var arguments: [String] {
        [
            "--replSet", ReplicaSet.name, "--bind_ip", "127.0.0.1", "--port", "\(port)", "--nounixsocket",
            "--dbpath", dataPath, "--logpath", logPath, "--logappend", "--quiet",
            "--noscripting", "--wiredTigerCacheSizeGB", "\(cacheGB)", "--oplogSize", "990",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            // What a process that was killed left open holds its accounts no longer than this.
            "--setParameter", "transactionLifetimeLimitSeconds=5",
        ] + extraArguments
    }

    /// Starts mongod and waits until it accepts writes; where that fails, it does not run.
    func start(within limit: Duration) throws(EmbeddedServerError) -> MongodProcess {
        let process = try spawn()
        do throws(EmbeddedServerError) {
            try awaitPrimary(process, within: limit)
        } catch {
            process.stop(within: EmbeddedServer.stopLimit)
            throw error
        }
        return process
    }

    func spawn() throws(EmbeddedServerError) -> MongodProcess {
        do {
            try FileManager.default.createDirectory(atPath: dataPath, withIntermediateDirectories: true)
        } catch {
            throw EmbeddedServerError(.directory, "\(dataPath) cannot be made: \(error.localizedDescription)")
        }
        return try MongodProcess(executable, arguments, log: logPath)
    }

    /// Blocks until mongod is a writable primary. Throws when it ends first, or the time does.
    func awaitPrimary(_ process: MongodProcess, within limit: Duration) throws(EmbeddedServerError) {
        let deadline = ContinuousClock.now + limit
        let log = ServerLog(path: logPath)
        let set = try replicaSet()
        var last = "it gave no answer"
        while .now < deadline {
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
        var options = DatabaseOptions()
        options.threads = 1
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
