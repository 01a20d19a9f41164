internal import Glibc
internal import Synchronization

/// What a command says to whoever called it: results on the standard output, complaints and progress on the standard error.
enum Console {
    static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    static func complain(_ text: String) { write("shopmeter: \(text)\n", to: STDERR_FILENO) }

    /// Whether the standard error is a terminal.
    static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Replaces the terminal's current line; does nothing without a terminal.
    static func showProgress(_ line: String) {
        if hasTerminal { write("\r\u{1B}[K\(line)", to: STDERR_FILENO) }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // When the console itself cannot be written, there is nobody to tell.
        try? FileOutput.write(Array(text.utf8), to: descriptor)
    }
}

/// A progress bar on the terminal's standard error, redrawn at most ten times a second. Without a terminal it does nothing.
final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var isShown = false
    }

    /// Characters of the bar.
    private static let width = 30
    private let state = Mutex(State())
    private let start = ContinuousClock.now
    private let isEnabled = Console.hasTerminal

    /// Shows `[####....] 50 % 120 rows, 40/s`.
    /// - Parameters:
    ///   - fraction: the part that is done, 0 to 1; nil when the whole is not known, and then no bar is drawn.
    ///   - noun: what `count` counts, in the plural.
    func show(_ fraction: Double?, count: Int, of noun: String) {
        guard isEnabled, isDue() else { return }
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let bar = fraction.map { Self.bar(min(1, max(0, $0))) + " " } ?? ""
        Console.showProgress("\(bar)\(count) \(noun), \(Int(Double(count) / seconds))/s")
    }

    /// Clears the line.
    func end() {
        if state.withLock({ $0.isShown }) { Console.showProgress("") }
    }

    static func bar(_ fraction: Double) -> String {
        let full = Int(fraction * Double(width))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: width - full) + "] \(Int(fraction * 100)) %"
    }

    private func isDue() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let shown = state.shownAt, now - shown < .milliseconds(100) { return false }
            (state.shownAt, state.isShown) = (now, true)
            return true
        }
    }
}
