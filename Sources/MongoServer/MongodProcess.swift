internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// A child process, reaped by a thread of its own. A signal can never hit another process that inherited its number.
final class MongodProcess: Sendable {
    private struct State {
        /// Nil once the child was reaped.
        var pid: pid_t?
        /// As `waitpid` gives it, once the child was reaped.
        var status: Int32 = 0
    }

    private let state: Mutex<State>
    private let ended = DispatchGroup()

    /// Starts the executable (a path, or a name on the PATH) in a process group of its own, so that Ctrl-C on the terminal reaches us
    /// alone; its output goes to the end of the log.
    init(_ executable: String, _ arguments: [String], log: String) throws(EmbeddedServerError) {
        let pid = try Spawn.run(executable, arguments, log: log)
        state = Mutex(State(pid: pid))
        ended.enter()
        Thread { [self] in reap(pid) }.start()
    }

    var isRunning: Bool { state.withLock { $0.pid != nil } }
    /// How it ended: a status or a signal.
    var ending: String { Self.describe(state.withLock { $0.status }) }
    /// mongod's own exit code for a port that it cannot listen on (EXIT_NET_ERROR, 48).
    var lostItsPort: Bool { state.withLock { $0.status } == 48 << 8 }
    var identifier: pid_t? { state.withLock { $0.pid } }

    func signal(_ number: Int32) {
        state.withLock { state in
            if let pid = state.pid { kill(pid, number) }
        }
    }

    /// False when it still runs after that time.
    @discardableResult
    func wait(_ limit: Duration) -> Bool {
        ended.wait(timeout: .now() + limit / .seconds(1)) == .success
    }

    func wait() {
        ended.wait()
    }

    /// Asks it to end, and ends it where that takes too long.
    func stop(within limit: Duration) {
        signal(SIGTERM)
        if wait(limit) { return }
        signal(SIGKILL)
        wait()
    }

    private func reap(_ pid: pid_t) {
        var info = unsafe siginfo_t()
        // WNOWAIT leaves the number taken until it is reaped under the lock.
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            unsafe waitpid(pid, &status, 0)
            state = State(pid: nil, status: status)
        }
        ended.leave()
    }

    /// WIFEXITED and its like are macros that Swift does not import.
    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "status \((status >> 8) & 0xFF)" : "signal \(signal)"
    }
}
