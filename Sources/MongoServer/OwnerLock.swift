internal import Foundation
internal import Glibc
internal import Synchronization

/// The right to use a data directory, held by one process at a time and given up by its death, however it died (`flock`).
final class OwnerLock: Sendable {
    /// Nil once it was released.
    private let descriptor: Mutex<Int32?>

    /// Makes the directory where it is missing, and takes its `owner.lock`. Children do not inherit it.
    init(directory: String) throws(EmbeddedServerError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EmbeddedServerError(.directory, "the data directory \(directory) cannot be made: \(error.localizedDescription)")
        }
        let path = directory + "/owner.lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EmbeddedServerError(.directory, "\(path) cannot be opened: \(systemMessage(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw EmbeddedServerError(.inUse, "another shopmeter uses the data directory \(directory)")
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}
