internal import BSON
internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// A mongod that runs as our child: a replica set of one member on a loopback port. It is started again when it dies, and stopped with us.
package final class EmbeddedServer: Sendable {
    /// MongoDB's connection string of the server; the same for as long as this object lives.
    package let uri: String
    private let launch: MongodLaunch
    private let lock: OwnerLock
    private let process: Mutex<MongodProcess>
    private let log: @Sendable (String) -> Void
    private let stopping = Mutex(false)
    /// Signalled by `stop`, to end a pause before a restart.
    private let wakeUp = DispatchSemaphore(value: 0)
    private let watching = DispatchGroup()

    /// How long a start may take; after a crash mongod replays its journal.
    static let startLimit = Duration.seconds(60)
    /// How often the length of mongod's log is looked at.
    private static let logCheck = Duration.seconds(30)
    /// How long mongod may take to close its files before it is killed.
    package static let stopLimit = Duration.seconds(20)

    /// Locks the directory, ends a mongod that a killed owner left there, and returns when a new mongod accepts writes. Blocks, up to a minute.
    ///
    /// `mongod` is a path, or a name on the PATH. Without `port` the port of the last start is used, if it is free.
    /// `creates`: whether a database is made where there is none; if not, `.absent` is thrown there, and nothing is changed.
    /// `isStopped` is asked while it waits; when it says yes, mongod is ended and `.stopped` thrown.
    package static func start(
        mongod: String, directory: String, port: UInt16? = nil, cacheGB: Double = 1, extraArguments: [String] = [], creates: Bool = true,
        isStopped: @escaping @Sendable () -> Bool = { false }, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(EmbeddedServerError) -> EmbeddedServer {
        let directory = URL(fileURLWithPath: directory).standardizedFileURL.path
        let data = DataFiles(directory: directory)
        if !creates { try data.requireOwner() }
        // Whoever finds a running owner needs no mongod of their own.
        guard !isOwned(directory) else { throw OwnerLock.inUse(directory) }
        _ = try MongodProgram.version(of: mongod)
        let lock = try OwnerLock(directory: directory)
        if !creates { try data.requireDatabase() }
        let remembered = LoopbackPort(directory: directory)
        OrphanServer(dataPath: directory + "/db").stop(within: stopLimit, log: log)
        let (launch, process) = try firstStart(tries: port == nil ? 5 : 1, isStopped) { () throws(EmbeddedServerError) in
            let port = if let port { port } else { try remembered.choose() }
            return MongodLaunch(
                executable: mongod, directory: directory, port: port, cacheGB: cacheGB, extraArguments: extraArguments)
        }
        try remembered.remember(launch.port)
        return EmbeddedServer(launch, process, lock, log)
    }

    /// Starts mongod; again on another port when the chosen one was taken before mongod listened on it.
    private static func firstStart(
        tries: Int, _ isStopped: () -> Bool, _ launch: () throws(EmbeddedServerError) -> MongodLaunch
    ) throws(EmbeddedServerError) -> (MongodLaunch, MongodProcess) {
        let chosen = try launch()
        do throws(EmbeddedServerError) {
            return (chosen, try chosen.start(within: startLimit, unless: isStopped))
        } catch  where error.kind == .portTaken && tries > 1 {
            return try firstStart(tries: tries - 1, isStopped, launch)
        }
    }

    /// Whether a living process owns the directory. Changes nothing.
    package static func isOwned(_ directory: String) -> Bool { OwnerLock.isHeld(in: directory) }

    /// Ends a mongod that a killed owner left in the directory. Throws `.inUse` while the owner lives.
    package static func endOrphan(in directory: String) throws(EmbeddedServerError) {
        let lock = try OwnerLock(directory: directory)
        defer { lock.release() }
        OrphanServer(dataPath: directory + "/db").stop(within: stopLimit, log: { _ in })
    }

    private init(
        _ launch: MongodLaunch, _ process: MongodProcess, _ lock: OwnerLock, _ log: @escaping @Sendable (String) -> Void
    ) {
        self.uri = launch.uri
        self.launch = launch
        self.process = Mutex(process)
        self.lock = lock
        self.log = log
        watching.enter()
        let thread = Thread { [self] in watch() }
        thread.name = "mongod-watch"
        thread.start()
    }

    /// Stops mongod and unlocks the directory. Blocks until mongod has closed its files, or was killed after `limit`, as it is when it is frozen.
    /// A second call, while the first one waits, may set a shorter limit. Without this call mongod outlives us, and the next start ends it.
    package func stop(within limit: Duration = EmbeddedServer.stopLimit) {
        let isFirst = stopping.withLock { stopping in
            defer { stopping = true }
            return !stopping
        }
        if isFirst { wakeUp.signal() }
        process.withLock { $0 }.stop(within: limit)
        watching.wait()
        lock.release()
    }

    /// The process id of mongod; nil while it does not run.
    package var processIdentifier: Int32? { process.withLock { $0 }.identifier }

    private var isStopping: Bool { stopping.withLock { $0 } }

    private func watch() {
        defer { watching.leave() }
        var backoff = RestartBackoff()
        while true {
            let started = ContinuousClock.now
            let current = process.withLock { $0 }
            while !current.wait(Self.logCheck) { turnOverLog() }
            guard !isStopping else { return }
            let pause = backoff.next(afterRunning: started.duration(to: .now))
            log("mongod ended with \(current.ending); starting it again in \(pause)")
            guard wakeUp.wait(timeout: .now() + pause / .seconds(1)) == .timedOut else { return }
            restart()
        }
    }

    /// Begins a new log file when the present one has reached its bound.
    func turnOverLog(at bound: Int = LogFiles.bound) {
        if launch.logFiles.turnOver(at: bound) { process.withLock { $0 }.signal(SIGUSR1) }
    }

    private func restart() {
        do throws(EmbeddedServerError) {
            let fresh = try launch.spawn()
            process.withLock { $0 = fresh }
            // A `stop` just before has stopped the old process, not this one.
            if isStopping { fresh.stop(within: Self.stopLimit) }
            try launch.awaitPrimary(fresh, within: Self.startLimit, unless: { isStopping })
            log("mongod runs again")
        } catch {
            if !isStopping { log(error.description) }
        }
    }
}

/// The pause before mongod is started again: 100 ms, doubled for each life shorter than a minute, at most 30 s.
struct RestartBackoff {
    private var pause = Duration.milliseconds(100)

    mutating func next(afterRunning lifetime: Duration) -> Duration {
        if lifetime > .seconds(60) { pause = .milliseconds(100) }
        defer { pause = min(pause * 2, .seconds(30)) }
        return pause
    }
}
