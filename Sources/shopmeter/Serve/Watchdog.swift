internal import Dispatch
internal import Glibc
internal import Synchronization

/// Ends the process when a stop takes too long. What was acknowledged is on disk; the next start recovers the embedded mongod.
struct Watchdog: ~Copyable {
    private let timer: Mutex<any DispatchSourceTimer>

    init(after limit: DispatchTimeInterval, log: Log) {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "shopmeter.watchdog"))
        timer.schedule(deadline: .now() + limit)
        timer.setEventHandler {
            log.error("stopped before everything was finished")
            log.flush()
            _exit(1)
        }
        timer.activate()
        self.timer = Mutex(timer)
    }

    func cancel() { timer.withLock { $0.cancel() } }
}
