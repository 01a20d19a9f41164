internal import JSON

/// A line of the log for people.
struct ReadableLine {
    private let time: String
    private let level: LogLevel
    private let message: String
    private let fields: JSON.Object

    init(_ time: String, _ level: LogLevel, _ message: String, _ fields: JSON.Object) {
        (self.time, self.level, self.message, self.fields) = (time, level, message, fields)
    }

    /// `23:10:00.000 warning message  name=value`. What came from outside has no control characters here, which a terminal would obey.
    func text(isColored: Bool) -> String {
        func colored(_ text: String, _ code: String) -> String { isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        let clock = String(time.dropFirst(11).dropLast())
        let name = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.count)
        let parts = fields.fields.map { colored($0.name + "=", "2") + Self.shown($0.value) }
        let line = [colored(clock, "2"), colored(name, level.color), Self.plain(message)].joined(separator: " ")
        return parts.isEmpty ? line : line + "  " + parts.joined(separator: " ")
    }

    private static func shown(_ value: JSON) -> String {
        guard case .string(let text) = value else { return value.description }
        let isWord = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isWord ? plain(text) : JSON.string(plain(text)).description
    }

    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}

extension LogLevel {
    /// The parameter of the terminal's SGR sequence (ECMA-48, 8.3.117).
    fileprivate var color: String {
        switch self {
        case .debug: "2"
        case .info: "32"
        case .warning: "33"
        case .error: "31;1"
        }
    }
}
