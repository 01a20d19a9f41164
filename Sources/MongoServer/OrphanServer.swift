internal import Foundation
internal import Glibc

/// A mongod on our data that outlived its owner, because the owner was killed before it could stop it.
struct OrphanServer {
    private let dataPath: String

    init(dataPath: String) {
        self.dataPath = dataPath
    }

    /// Ends the orphan, if there is one: politely, then not. The caller owns the directory, so no living process wants it.
    func stop(within limit: Duration, log: (String) -> Void) {
        guard let pid = identifier else { return }
        log("stopping mongod \(pid), left behind on \(dataPath)")
        kill(pid, SIGTERM)
        if hasEnded(pid, within: limit) { return }
        kill(pid, SIGKILL)
        _ = hasEnded(pid, within: .seconds(10))
    }

    /// The process that `mongod.lock` names, if it is still a mongod on this data.
    private var identifier: pid_t? {
        guard let pid: pid_t = SmallFile.number(in: dataPath + "/mongod.lock"), pid > 1 else { return nil }
        return isOurs(pid) ? pid : nil
    }

    /// Whether the process is a mongod with this `--dbpath`: the number may have gone to somebody else.
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
