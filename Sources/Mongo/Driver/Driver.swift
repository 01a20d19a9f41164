internal import CMongoc
internal import Dispatch
internal import Foundation
internal import Synchronization

/// libmongoc's global state: its start and its log handler, one of each in a process.
enum Driver {
    /// Starts libmongoc (`mongoc_init`), once, with its log going to `hook` from the first line on.
    static func start(log hook: @escaping @Sendable (String) -> Void) {
        log.withLock { $0.hook = hook }
        _ = started
    }

    private static let started: Void = {
        unsafe mongoc_log_set_handler({ level, _, message, _ in unsafe Driver.receive(level, message) }, nil)
        mongoc_init()
    }()

    /// Runs the body without a log: what libmongoc says while it reads a connection string quotes parts of it, which may be secret.
    static func silently<R>(_ body: () -> R) -> R {
        _ = started
        log.withLock { $0.silences += 1 }
        defer { log.withLock { $0.silences -= 1 } }
        return body()
    }

    /// Runs the body on a thread of its own, for which `settle` waits.
    static func finishing(_ body: @escaping @Sendable () -> Void) {
        endings.enter()
        Thread.detachNewThread {
            body()
            endings.leave()
        }
    }

    /// Returns when everything that is `finishing` is done.
    static func settle() { endings.wait() }

    private static let endings = DispatchGroup()
    private static let log = Mutex(Log())

    private struct Log {
        var hook: @Sendable (String) -> Void = { _ in }
        /// How many threads are in `silently`.
        var silences = 0
        var limit = RateLimit(lines: 10, per: .seconds(1))
    }

    private static func receive(_ level: mongoc_log_level_t, _ message: UnsafePointer<CChar>?) {
        guard level.rawValue <= MONGOC_LOG_LEVEL_WARNING.rawValue, let message = unsafe message else { return }
        let text = unsafe String(cString: message)
        // After a failed operation the server has ended the transaction already, so that each abort of ours is answered with this line.
        guard !text.hasPrefix("Error in abortTransaction") else { return }
        // The hook runs outside the lock: it may log through a database itself.
        let (hook, verdict) = log.withLock { log in
            log.silences > 0 ? (log.hook, .refused) : (log.hook, log.limit.admit(at: .now))
        }
        guard case .admitted(let suppressed) = verdict else { return }
        if suppressed > 0 { hook("libmongoc: \(suppressed) lines were left out") }
        hook("libmongoc: \(text.prefix(500))")
    }
}

/// Admits at most `lines` log lines in each span of time.
struct RateLimit {
    enum Verdict: Equatable {
        /// `suppressed`: how many lines were refused since the last admitted one.
        case admitted(suppressed: Int)
        case refused
    }

    private let lines: Int
    private let span: Duration
    private var spanStart: ContinuousClock.Instant?
    private var used = 0
    private var suppressed = 0

    init(lines: Int, per span: Duration) {
        self.lines = lines
        self.span = span
    }

    mutating func admit(at now: ContinuousClock.Instant) -> Verdict {
        if spanStart.map({ $0.duration(to: now) >= span }) ?? true {
            spanStart = now
            used = 0
        }
        guard used < lines else {
            suppressed += 1
            return .refused
        }
        defer { suppressed = 0 }
        used += 1
        return .admitted(suppressed: suppressed)
    }
}
