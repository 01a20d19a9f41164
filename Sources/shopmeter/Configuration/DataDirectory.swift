internal import Crypto
internal import Foundation
internal import Glibc
internal import MongoServer

/// The folder that `SHOPMETER_DATA_DIR` names: the embedded database, and the small files by which commands find a running service.
struct DataDirectory {
    /// Absolute.
    let path: String

    /// - Parameter creates: whether the folder is made if it is missing, with mode 0700.
    init(_ path: String, creates: Bool = true) throws(Failure) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        guard creates, let reason = Folder.make(self.path) else { return }
        throw Failure("The data directory \(self.path) (SHOPMETER_DATA_DIR) cannot be made: \(reason).")
    }

    /// The embedded mongod's folder.
    var mongodb: String { path + "/mongodb" }
    /// The connection string of the embedded mongod, there while it runs.
    var mongodbURI: PrivateFile { PrivateFile(path: path + "/mongodb-uri") }
    /// The service's URL, there while it listens.
    var address: PrivateFile { PrivateFile(path: path + "/address") }
    var adminToken: PrivateFile { PrivateFile(path: path + "/admin-token") }
}

/// The token that the platform's own routes (`/v1/admin/…`) take.
enum AdminToken {
    /// The configured token; else the one in the data directory; else a new one of 32 random bytes in hexadecimal, which is then kept there.
    static func find(_ configuration: Configuration, in directory: DataDirectory) throws -> Secret {
        if let token = configuration.adminToken { return token }
        if let token = try kept(in: directory) { return token }
        let token = try Hex.text(randomBytes(32))
        try directory.adminToken.write(token)
        return Secret(token)
    }

    /// The token in the data directory; nil when there is none. Throws for one that the setting would not take either.
    static func kept(in directory: DataDirectory) throws(Failure) -> Secret? {
        guard let token = try directory.adminToken.read(), !token.isEmpty else { return nil }
        guard let broken = SecretRule.adminToken.first(where: { !$0.holds(token) }) else { return Secret(token) }
        throw Failure(
            "The admin token in \(directory.adminToken.path) is wrong (it is a secret, and not shown); expected \(broken.sentence).")
    }
}

/// A small text file that only the service's user may read (mode 0600).
struct PrivateFile {
    let path: String

    /// The text without white space around it; nil when there is no file.
    func read() throws(Failure) -> String? {
        guard let bytes = SmallFile.read(path) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Failure("\(path) cannot be read: \(systemMessage(errno)).")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure("\(path) cannot be read: it is no text in UTF-8.") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Replaces the file by rename(2): a reader sees the old text or the new one, never a part.
    func write(_ text: String) throws(Failure) {
        let draft = "\(path).\(getpid())"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        do {
            try FileOutput.write(Array((text + "\n").utf8), to: descriptor)
        } catch {
            unsafe unlink(draft)
            throw failure(error.code)
        }
        guard fsync(descriptor) == 0, unsafe rename(draft, path) == 0 else { throw failure(errno) }
    }

    func remove() { unsafe unlink(path) }

    private func failure(_ code: Int32) -> Failure { Failure("\(path) cannot be written: \(systemMessage(code))") }
}
