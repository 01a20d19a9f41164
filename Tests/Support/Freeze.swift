import Foundation

/// Stops a process where it is (SIGCONT lets it go on), and returns when each of its threads stands still: the signal takes a moment to reach
/// those that run.
public func freeze(_ process: Int32) throws {
    kill(process, SIGSTOP)
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
        let states = threads.map { (try? String(contentsOfFile: "/proc/\(process)/task/\($0)/stat", encoding: .utf8)) ?? "" }
        if states.allSatisfy({ $0.contains(") T ") }) { return }
        sched_yield()
    }
    throw NotFrozen(process: process)
}

private struct NotFrozen: Error, CustomStringConvertible {
    let process: Int32
    var description: String { "The process \(process) did not stop." }
}
