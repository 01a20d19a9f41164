internal import Glibc

/// Where an export goes: the standard output, or a file that appears under its name when it is whole.
struct OutputFile: ~Copyable {
    private let path: String?
    private let draft: String?
    private let descriptor: Int32
    private var isFinished = false

    /// Nil: the standard output.
    init(_ path: String?) throws(Failure) {
        self.path = path
        draft = path.map { "\($0).part-\(getpid())" }
        guard let draft else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(draft) cannot be written: \(OutputStream.WriteError(code: errno))") }
    }

    deinit {
        guard let draft, !isFinished else { return }
        close(descriptor)
        unsafe unlink(draft)
    }

    func write(_ bytes: [UInt8]) throws(OutputStream.WriteError) { try OutputStream.write(bytes, to: descriptor) }

    /// Gives the file its name, once it is on disk.
    mutating func finish() throws(OutputStream.WriteError) {
        guard let path, let draft else { return }
        guard fsync(descriptor) == 0, unsafe rename(draft, path) == 0 else { throw OutputStream.WriteError(code: errno) }
        close(descriptor)
        isFinished = true
    }
}
