internal import Dispatch
internal import Store
internal import Synchronization

/// Calls functions at their times, at most a tenth of a second late. They are as many as the requests under way, and one timer looks at all of them.
final class Alarms: Sendable {
    private struct State {
        var set: [Int: (time: ContinuousClock.Instant, ring: @Sendable () -> Void)] = [:]
        var last = 0
    }

    private let state = Mutex(State())
    private let timer: Mutex<any DispatchSourceTimer>

    init() {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "shopmeter.alarms"))
        timer.schedule(deadline: .now(), repeating: .milliseconds(80), leeway: .milliseconds(20))
        self.timer = Mutex(timer)
        self.timer.withLock { timer in
            timer.setEventHandler { [weak self] in self?.ring(at: .now) }
            timer.activate()
        }
    }

    deinit { timer.withLock { $0.cancel() } }

    /// Has `ring` called once, unless the alarm is cleared before its time. Returns the alarm's number.
    func set(_ time: ContinuousClock.Instant, ring: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.last += 1
            state.set[state.last] = (time, ring)
            return state.last
        }
    }

    func clear(_ number: Int) { state.withLock { $0.set[number] = nil } }

    /// Calls the functions whose time has come.
    func ring(at now: ContinuousClock.Instant) {
        let due = state.withLock { state in
            let due = state.set.filter { $0.value.time <= now }
            for number in due.keys { state.set[number] = nil }
            return due.values.map(\.ring)
        }
        for ring in due { ring() }
    }
}
