internal import Foundation

/// Asks again and again until there is an answer, and sleeps between two questions. It is for what no event announces, such as a document that
/// another process changes; where there is an event (a line of a log, the end of a process), a test waits for that.
///
/// - Parameters:
///   - pause: the time between an answer and the next question.
///   - limit: after this time it throws `NoAnswer`, but not before 500 questions, as other tests may hold this one's threads.
///   - ask: returns nil as long as there is no answer.
package func poll<Answer>(
    every pause: Duration = .milliseconds(10), within limit: Duration = .seconds(60), _ ask: () async throws -> Answer?
) async throws -> Answer {
    let deadline = ContinuousClock.now + limit
    for number in 1... {
        if let answer = try await ask() { return answer }
        guard number < 500 || ContinuousClock.now < deadline else { break }
        try await Task.sleep(for: pause)
    }
    throw NoAnswer(limit: limit)
}

package struct NoAnswer: Error, CustomStringConvertible {
    let limit: Duration
    package var description: String { "There was no answer within \(limit)." }
}

/// Stops a child process with SIGSTOP, and returns when all its threads stand still; SIGCONT lets it go on.
///
/// The kernel reports a stop to the parent when the last thread has stopped (wait(2)); WNOWAIT leaves the report there, so that whoever else waits
/// for the process misses nothing.
package func freeze(_ process: Int32) throws {
    kill(process, SIGSTOP)
    var report = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(process), &report, WSTOPPED | WNOWAIT) != 0 {
        guard errno == EINTR else { throw NotFrozen(process: process) }
    }
}

private struct NotFrozen: Error, CustomStringConvertible {
    let process: Int32
    var description: String { "The process \(process) ended before it stopped, or is no child of this one." }
}
