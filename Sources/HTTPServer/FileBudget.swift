internal import Glibc

/// How many files the process may have open (`RLIMIT_NOFILE`), and how many of them are for connections. The files never run out: libdispatch
/// ends the process when it gets none.
package struct FileBudget: Sendable, Equatable {
    /// Files for everything else: the database's connections, the embedded mongod, logs, libdispatch, an accept batch of connections that close.
    static let reserve = 128
    /// Connections without which there is no service.
    static let fewest = 32

    package let limit: Int
    package let connections: Int

    /// Throws `tooFewFiles` for a limit that leaves no service.
    /// - Parameter limit: files that the process may have open.
    package init(limit: Int) throws(StartError) {
        guard limit >= Self.reserve + Self.fewest else { throw .tooFewFiles(limit: limit, needed: Self.reserve + Self.fewest) }
        self.limit = limit
        connections = limit - Self.reserve
    }

    /// Raises the process's soft limit to its hard limit, and takes the budget from it. Programs started later have that limit too.
    package static func raised() throws(StartError) -> FileBudget {
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        var limits = rlimit()
        _ = unsafe getrlimit(resource, &limits)
        limits.rlim_cur = limits.rlim_max
        _ = unsafe setrlimit(resource, &limits)
        _ = unsafe getrlimit(resource, &limits)
        return try FileBudget(limit: Int(clamping: limits.rlim_cur))
    }
}
