internal import Synchronization

/// A bar on the terminal's standard error, ten times a second at most; nothing where that is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var isShown = false
    }

    private static let width = 30
    private let state = Mutex(State())
    private let start = ContinuousClock.now
    private let isEnabled = Console.hasTerminal

    /// `fraction`: of the whole, nil when that is not known.
    func show(_ fraction: Double?, count: Int, of what: String) {
        guard isEnabled, isDue() else { return }
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let bar = fraction.map { Self.bar(min(1, max(0, $0))) + " " } ?? ""
        Console.showProgress("\(bar)\(count) \(what), \(Int(Double(count) / seconds))/s")
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
