internal import Foundation
internal import Glibc

/// The executable of mongod: whether it is one, and whether its version will do.
package enum MongodProgram {
    /// The least major version that ShopMeter works with.
    package static let leastVersion = 6

    /// Runs `mongod --version`, and returns what it says, such as `6.0.27`. Blocks, at most 10 seconds. Throws `.executable` for what cannot be run
    /// and `.notMongod` for what is no mongod, or too old a one.
    package static func version(of executable: String) throws(EmbeddedServerError) -> String {
        let output = FileManager.default.temporaryDirectory.path + "/shopmeter-mongod-version-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { unsafe unlink(output) }
        let process = try MongodProcess(executable, ["--version"], log: output)
        if !process.wait(.seconds(10)) { process.stop(within: .seconds(1)) }
        let text = String(decoding: SmallFile.read(output) ?? [], as: UTF8.self)
        guard let version = parse(text) else {
            throw EmbeddedServerError(.notMongod, "\(executable) is not a mongod: `\(executable) --version` does not say so")
        }
        guard isEnough(version) else {
            throw EmbeddedServerError(.notMongod, "\(executable) is of version \(version), and ShopMeter needs \(leastVersion) or newer")
        }
        return version
    }

    /// Whether ShopMeter works with a MongoDB of this version.
    package static func isEnough(_ version: String) -> Bool {
        version.split(separator: ".").first.flatMap { Int($0) }.map { $0 >= leastVersion } ?? false
    }

    /// The version in `db version v6.0.27`.
    static func parse(_ text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("db version v") }
        return line.map { $0.dropFirst("db version v".count).trimmingCharacters(in: .whitespaces) }
    }
}
