internal import Glibc

/// mongod's log, and the older ones that it was turned over to: `mongod.log`, `mongod.log.1` (the newest of the old) to `mongod.log.4`.
struct LogFiles: Sendable {
    /// Bytes of one file.
    static let bound = 32 << 20
    /// How many old files are kept.
    static let kept = 4

    let path: String

    /// Gives every file the next number when the log is as long as `bound`; the oldest goes. Returns whether a mongod that runs is to be told (SIGUSR1), as
    /// it still writes to the file that it opened: also when it was told before and has made no file, which it does once in a second at most.
    func turnOver(at bound: Int = LogFiles.bound) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return errno == ENOENT }
        guard status.st_size >= bound else { return false }
        for number in (1..<Self.kept).reversed() { _ = unsafe rename("\(path).\(number)", "\(path).\(number + 1)") }
        return unsafe rename(path, "\(path).1") == 0
    }
}
