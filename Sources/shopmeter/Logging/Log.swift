internal import API
internal import Glibc
internal import JSON
internal import Metering
internal import Service
internal import Web

enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug, info, warning, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

/// The service's log: lines of JSON, `{"time":…,"level":…,"message":…,…}`, or lines for people where a terminal shows them. Logging never blocks; lines
/// over `LineWriter.bound` are dropped and counted.
final class Log: Sendable {
    enum Form: Sendable {
        case json
        /// Time, level, message, and the fields as `name=value`; with colours, or without.
        case readable(colored: Bool)

        /// For a descriptor: JSON, unless it is a terminal. A person who wants no colours sets NO_COLOR.
        static func of(_ descriptor: Int32, _ environment: [String: String]) -> Form {
            isatty(descriptor) == 1 ? .readable(colored: environment["NO_COLOR", default: ""].isEmpty) : .json
        }
    }

    private let level: LogLevel
    private let form: Form
    private let writer: LineWriter
    private let clock = SystemClock()

    init(level: LogLevel, descriptor: Int32 = STDOUT_FILENO, as form: Form = .json) {
        self.level = level
        self.form = form
        writer = LineWriter(descriptor: descriptor)
    }

    /// Whether lines of this level are written.
    func records(_ level: LogLevel) -> Bool { level >= self.level }

    func debug(_ message: String, _ fields: JSON.Object = [:]) { write(.debug, message, fields) }
    func info(_ message: String, _ fields: JSON.Object = [:]) { write(.info, message, fields) }
    func warning(_ message: String, _ fields: JSON.Object = [:]) { write(.warning, message, fields) }
    func error(_ message: String, _ fields: JSON.Object = [:]) { write(.error, message, fields) }

    /// Blocks until all lines are written, at most one second.
    func flush() { writer.flush() }

    private func write(_ level: LogLevel, _ message: String, _ fields: JSON.Object) {
        guard records(level) else { return }
        let time = clock.now().rfc3339
        if case .readable(let isColored) = form {
            return writer.append(Array(ReadableLine(time, level, message, fields).text(isColored: isColored).utf8))
        }
        var line: JSON.Object = ["time": .string(time), "level": .string(level.rawValue), "message": .string(message)]
        for field in fields.fields { line[field.name] = field.value }
        writer.append(JSON.object(line).encoded)
    }
}

extension Log {
    /// A request that took so long or longer is called slow.
    private static let slow = Duration.seconds(1)

    /// Routes that are asked every few seconds.
    private static let probes: Set = ["/healthz", "/readyz", "/metrics"]

    /// Logs a request, with nothing of its body: at `info`, one that failed on our side at `warning` or, where the fault is in
    /// the service, at `error`. Those of probes that are well are told at `debug`.
    func note(_ request: LogEntry) {
        let isFault = request.status >= 500
        guard isFault || records(.info) else { return }
        var fields: JSON.Object = [
            "request_id": .string(request.requestID), "method": .string(request.method), "route": .string(request.route),
            "status": JSON(request.status), "milliseconds": JSON(rounded: request.duration / .milliseconds(1)),
        ]
        if let shop = request.shop { fields["shop_id"] = .string(shop) }
        if let key = request.key { fields["key_id"] = .string(key) }
        if let problem = request.problem { fields["code"] = .string(problem.rawValue) }
        if let trace = request.trace {
            fields["trace_id"] = .string(trace.traceID)
            fields["parent_id"] = .string(trace.parentID)
        }
        if request.status == 500 { return error("request failed", fields) }
        if isFault { return warning("request failed", fields) }
        if request.duration >= Self.slow { return info("slow request", fields) }
        Self.probes.contains(request.route) ? debug("request", fields) : info("request", fields)
    }
}
