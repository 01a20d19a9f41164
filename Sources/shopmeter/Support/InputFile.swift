internal import CSystem
internal import Foundation
internal import Glibc
internal import MongoServer

/// A file that a command reads, perhaps twice. `-` is the standard input, which is copied to a file of its user alone first, and removed with this
/// object.
final class InputFile: Sendable {
    let path: String
    private let copy: String?

    init(_ path: String) throws(Failure) {
        guard path == "-" else {
            (self.path, copy) = (path, nil)
            return
        }
        let directory = FileManager.default.temporaryDirectory.path + "/shopmeter-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        guard unsafe mkdir(directory, 0o700) == 0 else { throw Self.failure(directory, errno) }
        self.path = directory + "/standard-input"
        copy = directory
        let descriptor = unsafe open(self.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(self.path, errno) }
        defer { close(descriptor) }
        try Self.copyStandardInput(to: descriptor, self.path)
    }

    /// Lends the options of a command with the path of a file that can be read in the place of the one that was given.
    static func lent<Options: Sendable, R>(
        in options: Options, _ file: WritableKeyPath<Options, String>, _ body: (Options) async throws -> R
    ) async throws -> R {
        var options = options
        let input = try InputFile(options[keyPath: file])
        options[keyPath: file] = input.path
        defer { withExtendedLifetime(input) {} }
        return try await body(options)
    }

    deinit {
        guard let copy else { return }
        unsafe unlink(path)
        unsafe rmdir(copy)
    }

    private static func copyStandardInput(to descriptor: Int32, _ path: String) throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // The count keeps the write inside the array.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure("The standard input cannot be read: \(systemMessage(errno)).")
            }
            do { try FileOutput.write(Array(buffer.prefix(count)), to: descriptor) } catch { throw failure(path, error.code) }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        Failure("The standard input cannot be kept in \(path): \(systemMessage(code)).")
    }
}
