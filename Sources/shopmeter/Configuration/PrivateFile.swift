internal import Foundation
internal import Glibc

/// A small text that only the service's user may read (mode 0600).
struct PrivateFile {
    let path: String

    /// Nil where there is none.
    func read() throws(Failure) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw Failure("\(path) cannot be read: \(Failure.words(error))")
        }
    }

    /// Replaces the file whole: a reader sees the old text or the new one.
    func write(_ text: String) throws(Failure) {
        let draft = "\(path).\(getpid())"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        do {
            try OutputStream.write(Array((text + "\n").utf8), to: descriptor)
        } catch {
            unsafe unlink(draft)
            throw failure(error.code)
        }
        guard fsync(descriptor) == 0, unsafe rename(draft, path) == 0 else { throw failure(errno) }
    }

    func remove() { unsafe unlink(path) }

    private func failure(_ code: Int32) -> Failure { Failure("\(path) cannot be written: \(OutputStream.WriteError(code: code))") }
}

/// The folder that `SHOPMETER_DATA_DIR` names.
struct DataDirectory {
    let path: String

    /// Makes it where it is missing; only the service's user may enter it.
    init(_ path: String) throws(Failure) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(
                atPath: self.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure("The data directory \(self.path) (SHOPMETER_DATA_DIR) cannot be made: \(Failure.words(error))")
        }
    }

    /// Of the embedded mongod.
    var mongodb: String { path + "/mongodb" }
    /// Where the embedded mongod that runs can be reached.
    var mongodbURI: PrivateFile { PrivateFile(path: path + "/mongodb-uri") }
    /// Where the service listens, as a URL.
    var address: PrivateFile { PrivateFile(path: path + "/address") }
    var adminToken: PrivateFile { PrivateFile(path: path + "/admin-token") }
}
