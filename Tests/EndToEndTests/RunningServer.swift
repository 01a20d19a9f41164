import Foundation
import Support
import Synchronization

/// The real executable as a child process that serves on a free port, and its log.
final class RunningServer: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// 0 until it listens.
    var port: UInt16 { listening.withLock { $0 } }
    private let listening = Mutex<UInt16>(0)
    private let process: Mutex<Process>
    private let output: Output

    static let adminToken = "admin-token-of-the-tests"

    /// Starts `shopmeter serve` and returns when its log says that it listens. Throws the log when the process ends before.
    /// - Parameter settings: environment variables.
    static func start(_ settings: [String: String]) async throws -> RunningServer {
        let server = try begin(["serve"], settings)
        let port = try await server.output.first { $0.firstMatch(of: /listening on http:\/\/[^:]+:(\d+)/).flatMap { UInt16($0.1) } }
        server.listening.withLock { $0 = port }
        return server
    }

    /// Starts the executable, whatever becomes of it.
    static func begin(_ arguments: [String], _ settings: [String: String]) throws -> RunningServer {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        var environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        environment["SHOPMETER_ADMIN_TOKEN"] = adminToken
        environment["SHOPMETER_PORT"] = "0"
        environment["SHOPMETER_MONGOD"] = TestDatabase.mongod
        process.environment = environment.merging(settings) { $1 }
        let output = Output()
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        // Read to the end by blocking calls on a thread of its own: a readabilityHandler misses the end that comes together with the last bytes, and a
        // file that is closed before its handler is gone brings Dispatch down.
        let reading = pipe.fileHandleForReading
        Thread.detachNewThread {
            while true {
                let data = reading.availableData
                if data.isEmpty { break }
                output.append(data)
            }
            output.end()
        }
        return RunningServer(process, output)
    }

    /// Runs a command to its end, and returns its standard output.
    /// - Parameters:
    ///   - settings: environment variables.
    ///   - program: another program than `shopmeter`.
    static func run(_ arguments: [String], _ settings: [String: String], program: URL? = nil) async throws -> String {
        let process = Process()
        process.executableURL = try program ?? executable()
        process.arguments = arguments
        process.environment = settings
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        // Read to the end by a blocking call on a queue of its own: a readabilityHandler misses the end that comes together with the last bytes.
        let output = pipe.fileHandleForReading
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "output of a command").async {
                continuation.resume(returning: String(decoding: output.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }

    private init(_ process: sending Process, _ output: Output) {
        self.process = Mutex(process)
        self.output = output
    }

    var processID: Int32 { process.withLock { $0.processIdentifier } }
    /// What the process wrote so far to its standard output and standard error.
    var log: String { output.text }

    /// When the process had ended; nil while it runs.
    var endedAt: ContinuousClock.Instant? { output.endedAt }

    /// Returns when the log has `text` behind what it was before. Throws the log when the process ends without it.
    func waitForLog(_ text: String, after before: String) async throws {
        try await output.first { $0.dropFirst(before.count).contains(text) ? () : nil }
    }

    func client() throws -> RawClient { try RawClient(port: port, timeout: .seconds(60)) }

    /// Sends a signal, unless it is nil, and waits for the end of the process. Returns the exit code, or the negative number of the signal that killed
    /// the process.
    @discardableResult
    func stop(_ signal: Int32? = SIGTERM) async -> Int32 {
        if let signal { kill(processID, signal) }
        await output.ended()
        return process.withLock {
            $0.waitUntilExit()
            return $0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus
        }
    }

    /// The executable, which the package manager builds beside the test bundle.
    static func executable() throws -> URL {
        let own = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let url = own.appendingPathComponent("shopmeter")
        guard FileManager.default.isExecutableFile(atPath: url.path) else { throw Failure(description: "no executable at \(url.path)") }
        return url
    }
}

/// What a process wrote, and whether it has ended. Waiting suspends until one of the two changes.
private final class Output: Sendable {
    private struct State {
        var data = Data()
        /// When the process had ended, as a thread saw it that waits for no test.
        var endedAt: ContinuousClock.Instant?
        var isEnded: Bool { endedAt != nil }
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var text: String { state.withLock { String(decoding: $0.data, as: UTF8.self) } }

    func append(_ data: Data) { wake { $0.data.append(data) } }

    func end() { wake { $0.endedAt = .now } }

    var endedAt: ContinuousClock.Instant? { state.withLock { $0.endedAt } }

    /// Returns when the process has ended.
    func ended() async {
        while !state.withLock({ $0.isEnded }) { await change(unless: \.isEnded) }
    }

    /// The first value that `find` makes of the output so far. Throws the output when the process ends without one.
    func first<Found>(_ find: (String) -> Found?) async throws -> Found {
        while true {
            let (text, size, isEnded) = state.withLock { (String(decoding: $0.data, as: UTF8.self), $0.data.count, $0.isEnded) }
            if let found = find(text) { return found }
            guard !isEnded else { throw RunningServer.Failure(description: text) }
            await change { $0.data.count != size || $0.isEnded }
        }
    }

    /// Suspends until the next change, unless `condition` holds already.
    private func change(unless condition: @escaping (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if condition(state) { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func wake(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
