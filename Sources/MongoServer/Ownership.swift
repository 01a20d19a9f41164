internal import Foundation
internal import Glibc
internal import Synchronization

/// The right to use a data directory (`flock`). One process at a time has it, and its death gives it up, however it died.
final class OwnerLock: Sendable {
    /// Nil once it was released.
    private let descriptor: Mutex<Int32?>

    /// Makes the directory, if it is missing, and locks its `owner.lock`. Children do not inherit the lock.
    init(directory: String) throws(EmbeddedServerError) {
        if let reason = Folder.make(directory) {
            throw EmbeddedServerError(.directory, "the data directory \(directory) cannot be made: \(reason)")
        }
        let path = directory + "/owner.lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EmbeddedServerError(.directory, "\(path) cannot be opened: \(systemMessage(errno))")
        }
        guard Self.lock(descriptor) else {
            close(descriptor)
            throw Self.inUse(directory)
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    /// Tries for some milliseconds, for as long as `isHeld` of another process may have it.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<10 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return false
    }

    static func inUse(_ directory: String) -> EmbeddedServerError {
        EmbeddedServerError(.inUse, "another shopmeter uses the data directory \(directory)")
    }

    /// Whether a living process has the lock.
    static func isHeld(in directory: String) -> Bool {
        let descriptor = unsafe open(directory + "/owner.lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A lock that is had for a moment is given up by closing.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}

/// Whether there is a database in a data directory.
struct DataFiles {
    let directory: String

    /// Throws `.absent` where no shopmeter ever had the directory.
    func requireOwner() throws(EmbeddedServerError) { try require("owner.lock") }

    /// Throws `.absent` where mongod never made its files. To be asked by whoever has the lock, as an owner may be making them.
    func requireDatabase() throws(EmbeddedServerError) { try require("db/WiredTiger") }

    private func require(_ file: String) throws(EmbeddedServerError) {
        guard FileManager.default.fileExists(atPath: "\(directory)/\(file)") else {
            throw EmbeddedServerError(.absent, "there is no database in \(directory)")
        }
    }
}

/// A mongod on our data whose owner was killed before it could stop it.
struct OrphanServer {
    private let dataPath: String

    init(dataPath: String) {
        self.dataPath = dataPath
    }

    /// Ends the orphan, if there is one: by SIGTERM, and after `limit` by SIGKILL. The caller holds the `OwnerLock`, so no living owner needs
    /// it.
    func stop(within limit: Duration, log: (String) -> Void) {
        guard let pid = identifier else { return }
        log("stopping mongod \(pid), left behind on \(dataPath)")
        kill(pid, SIGTERM)
        if hasEnded(pid, within: limit) { return }
        kill(pid, SIGKILL)
        _ = hasEnded(pid, within: .seconds(10))
    }

    /// The process id in `mongod.lock`, if that process is a mongod on this data.
    private var identifier: pid_t? {
        guard let pid: pid_t = SmallFile.number(in: dataPath + "/mongod.lock"), pid > 1 else { return nil }
        return isOurs(pid) ? pid : nil
    }

    /// Whether the process is a mongod with this `--dbpath`: another process may have got the number since.
    private func isOurs(_ pid: pid_t) -> Bool {
        guard let line = SmallFile.read("/proc/\(pid)/cmdline") else { return false }
        let arguments = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let program = arguments.first, URL(fileURLWithPath: program).lastPathComponent.contains("mongod") else { return false }
        let flag = arguments.firstIndex(of: "--dbpath").map { arguments.index(after: $0) }
        guard let flag, arguments.indices.contains(flag) else { return false }
        return canonical(arguments[flag]) == canonical(dataPath)
    }

    private func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private func hasEnded(_ pid: pid_t, within limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while isOurs(pid) {
            guard .now < deadline else { return false }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return true
    }
}
