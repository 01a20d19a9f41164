internal import API
internal import Glibc
internal import JSON
internal import Metering
internal import Service

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

/// JSON lines: `{"time":…,"level":…,"message":…,…}`. Logging never waits for the reader; what does not fit its queue is counted.
final class Log: Sendable {
    private let level: LogLevel
    private let writer: LineWriter
    private let clock = SystemClock()

    init(level: LogLevel, descriptor: Int32 = STDOUT_FILENO) {
        self.level = level
        writer = LineWriter(descriptor: descriptor)
    }

    func records(_ level: LogLevel) -> Bool { level >= self.level }

    func debug(_ message: String, _ fields: JSON.Object = [:]) { write(.debug, message, fields) }
    func info(_ message: String, _ fields: JSON.Object = [:]) { write(.info, message, fields) }
    func warning(_ message: String, _ fields: JSON.Object = [:]) { write(.warning, message, fields) }
    func error(_ message: String, _ fields: JSON.Object = [:]) { write(.error, message, fields) }

    /// Returns when all is written, or after a second that nobody read in.
    func flush() { writer.flush() }

    private func write(_ level: LogLevel, _ message: String, _ fields: JSON.Object) {
        guard records(level) else { return }
        var line: JSON.Object = [
            "time": .string(clock.now().rfc3339), "level": .string(level.rawValue), "message": .string(message),
        ]
        for field in fields.fields { line[field.name] = field.value }
        writer.append(JSON.object(line).encoded)
    }
}
