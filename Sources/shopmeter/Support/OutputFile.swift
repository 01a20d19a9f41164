internal import Glibc
internal import MongoServer

/// Writing to a file descriptor, with the kernel's errors as Swift's.
enum FileOutput {
    /// An `errno` of `write`, `open`, `fsync` or `rename`.
    struct WriteError: Error, CustomStringConvertible {
        let code: Int32
        var isBrokenPipe: Bool { code == EPIPE }
        var description: String { systemMessage(code) }
    }

    /// Writes all bytes, with as few calls of write(2) as the kernel needs. Blocks while a pipe is full.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(WriteError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { start += count } else if errno != EINTR { throw WriteError(code: errno) }
        }
    }
}

/// The standard output, or a file that appears under its name once it is complete: until `finish`, its bytes are in `PATH.part-PID`, which is
/// removed when the command fails.
struct OutputFile: ~Copyable {
    private let path: String?
    private let draft: String?
    private let descriptor: Int32
    private var isFinished = false

    /// - Parameter path: nil or `-` for the standard output.
    init(_ path: String?) throws(Failure) {
        let path = path == "-" ? nil : path
        self.path = path
        draft = path.map { "\($0).part-\(getpid())" }
        guard let draft else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(draft) cannot be written: \(systemMessage(errno))") }
    }

    deinit {
        guard let draft, !isFinished else { return }
        close(descriptor)
        unsafe unlink(draft)
    }

    func write(_ bytes: [UInt8]) throws(FileOutput.WriteError) { try FileOutput.write(bytes, to: descriptor) }

    /// Puts the file's bytes on disk, then renames it to its name. Does nothing for the standard output.
    mutating func finish() throws(FileOutput.WriteError) {
        guard let path, let draft else { return }
        guard fsync(descriptor) == 0, unsafe rename(draft, path) == 0 else { throw FileOutput.WriteError(code: errno) }
        close(descriptor)
        isFinished = true
    }
}
