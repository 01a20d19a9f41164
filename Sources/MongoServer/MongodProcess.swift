internal import CSystem
internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// mongod as a child process, reaped by a thread of its own. A signal never hits another process that got the child's number later.
final class MongodProcess: Sendable {
    private struct State {
        /// Nil once the child was reaped.
        var pid: pid_t?
        /// As `waitpid` gives it, once the child was reaped.
        var status: Int32 = 0
    }

    private let state: Mutex<State>
    private let ended = DispatchGroup()

    /// Starts the executable (a path, or a name on the PATH) in a process group of its own, so that Ctrl-C in a terminal reaches us alone.
    /// Its output is appended to the file `log`.
    init(_ executable: String, _ arguments: [String], log: String) throws(EmbeddedServerError) {
        let pid = try Spawn.run(executable, arguments, log: log)
        state = Mutex(State(pid: pid))
        ended.enter()
        Thread { [self] in reap(pid) }.start()
    }

    var isRunning: Bool { state.withLock { $0.pid != nil } }
    /// How the process ended: a status or a signal.
    var ending: String { Self.describe(state.withLock { $0.status }) }
    /// mongod's own exit code for a port that it cannot listen on (EXIT_NET_ERROR, 48).
    var lostItsPort: Bool { state.withLock { $0.status } == 48 << 8 }
    var identifier: pid_t? { state.withLock { $0.pid } }

    func signal(_ number: Int32) {
        state.withLock { state in
            if let pid = state.pid { kill(pid, number) }
        }
    }

    /// Waits for the process to end. False when it still runs after `limit`.
    @discardableResult
    func wait(_ limit: Duration) -> Bool {
        ended.wait(timeout: .now() + limit / .seconds(1)) == .success
    }

    func wait() {
        ended.wait()
    }

    /// Asks the process to end (SIGTERM), and kills it when it still runs after `limit`.
    func stop(within limit: Duration) {
        signal(SIGTERM)
        if wait(limit) { return }
        signal(SIGKILL)
        wait()
    }

    private func reap(_ pid: pid_t) {
        var info = unsafe siginfo_t()
        // WNOWAIT keeps the child's number taken until it is reaped under the lock.
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            unsafe waitpid(pid, &status, 0)
            state = State(pid: nil, status: status)
        }
        ended.leave()
    }

    /// As WIFEXITED, WEXITSTATUS and WTERMSIG, macros that Swift does not import.
    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "status \((status >> 8) & 0xFF)" : "signal \(signal)"
    }
}

/// Starts a program that inherits our environment, but no open file and no signal mask.
private enum Spawn {
    static func run(_ executable: String, _ arguments: [String], log: String) throws(EmbeddedServerError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        unsafe shopmeter_spawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe detach(&attributes)

        var pid: pid_t = 0
        let result = unsafe withCStrings([executable] + arguments) {
            unsafe posix_spawnp(&pid, executable, &actions, &attributes, $0, environ)
        }
        guard result == 0 else {
            throw EmbeddedServerError(.executable, "\(executable) cannot be started: \(systemMessage(result))")
        }
        return pid
    }

    /// Gives the child a process group of its own, with every signal unblocked and at its default.
    @unsafe private static func detach(_ attributes: UnsafeMutablePointer<posix_spawnattr_t>) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(attributes, &signals)
        unsafe posix_spawnattr_setpgroup(attributes, 0)
        let flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(attributes, Int16(flags))
    }

    /// Lends the strings as the NULL-terminated array of C strings that `exec` wants.
    @unsafe private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        return unsafe body(&pointers)
    }
}
