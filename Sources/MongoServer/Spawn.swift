internal import CSystem
internal import Glibc

/// Starts a program with nothing of ours but its arguments and the environment.
enum Spawn {
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

    /// A process group of its own, and no signal blocked or ignored because we do.
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

    /// The array of C strings that `exec` wants, alive during the call.
    @unsafe private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        return unsafe body(&pointers)
    }
}
