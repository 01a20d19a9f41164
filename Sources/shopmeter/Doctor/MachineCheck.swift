internal import Foundation
internal import Glibc
internal import HTTPServer
internal import MongoServer

/// Looks at the settings, the port, the data directory and the embedded mongod's program. It changes nothing. Its calls block.
struct MachineCheck {
    let invocation: Invocation

    /// Every setting that has a wrong value, and every variable that is no setting.
    func settings() -> [Finding] {
        let wrong = KnownSettings.all.compactMap { $0.problem(invocation) }.map {
            Finding.wrong($0.sentence, "Correct it, or take it away for its default.")
        }
        let unknown = UnknownSettings.names(in: invocation.environment).map { name -> Finding in
            let sentence = UnknownSettings.sentence(about: name)
            return UnknownSettings.guess(for: name) == nil ? .note(sentence, "It has no effect.") : .wrong(sentence, "Correct its name.")
        }
        let findings = wrong + unknown
        return findings.isEmpty ? [.good("The settings have values that they take.")] : findings
    }

    /// - Parameter isServing: whether a service runs on the data directory.
    func port(_ configuration: Configuration, isServing: Bool) -> Finding {
        var bounds = ServerConfiguration()
        (bounds.host, bounds.port) = (configuration.host, configuration.port)
        let address = "\(configuration.host):\(configuration.port)"
        do {
            try Server.requireFree(bounds)
            return .good("SHOPMETER_HOST, SHOPMETER_PORT: \(address) is free.")
        } catch {
            if isServing, case .addressInUse = error { return .good("SHOPMETER_PORT: the service of this data directory listens.") }
            return .wrong(
                "SHOPMETER_HOST, SHOPMETER_PORT: \(error)",
                "End the program that has it (`ss -ltnp` shows which), or choose another address.")
        }
    }

    /// The folder itself, and the admin token in it.
    func dataDirectory(_ directory: DataDirectory, isServing: Bool) -> [Finding] {
        guard FileManager.default.fileExists(atPath: directory.path) else {
            return [.good("SHOPMETER_DATA_DIR: there is no \(directory.path) yet; `shopmeter serve` makes it.")]
        }
        guard FileManager.default.isWritableFile(atPath: directory.path) else {
            return [
                .wrong("SHOPMETER_DATA_DIR: \(directory.path) cannot be written by this user.", "Give it to the user who runs the service.")
            ]
        }
        let state = isServing ? "a service runs on it" : "nobody uses it"
        return [.good("SHOPMETER_DATA_DIR: \(directory.path) can be written, and \(state)."), token(directory), space(directory)]
            .compactMap(\.self)
    }

    private func token(_ directory: DataDirectory) -> Finding? {
        do {
            _ = try AdminToken.kept(in: directory)
            return nil
        } catch {
            return .wrong("\(error)", "Write another token into the file, or remove it.")
        }
    }

    /// Says when the disk is nearly full.
    private func space(_ directory: DataDirectory) -> Finding? {
        var status = statvfs()
        guard unsafe statvfs(directory.path, &status) == 0 else { return nil }
        let megabytes = Self.megabytes(blocks: UInt64(status.f_bavail), of: UInt64(status.f_frsize))
        guard megabytes < 2_048 else { return nil }
        return .note("SHOPMETER_DATA_DIR: the disk of \(directory.path) has \(megabytes) MB left.", "Without any, nothing can be recorded.")
    }

    /// The size of so many blocks of `bytes` each, in whole megabytes of 2²⁰ bytes.
    static func megabytes(blocks: UInt64, of bytes: UInt64) -> UInt64 { (blocks * bytes) >> 20 }

    /// - Parameter isServing: whether a service runs on the data directory, which has a mongod already.
    func mongod(_ configuration: Configuration, isServing: Bool) -> Finding {
        do {
            let version = try MongodProgram.version(of: configuration.mongod)
            return .good("SHOPMETER_MONGOD: \(configuration.mongod) is of version \(version).")
        } catch {
            if isServing { return .note("SHOPMETER_MONGOD: \(error).", "The service that runs has a mongod; its next start has none.") }
            return .wrong(
                "SHOPMETER_MONGOD: \(error).",
                "Install MongoDB 6 or newer and name its mongod, or name a MongoDB that runs (SHOPMETER_MONGODB_URI).")
        }
    }
}
