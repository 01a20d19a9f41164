import Foundation
import Support
import Testing

/// The executable is given every secret setting with wrong values, and everything that it prints is searched for them.
@Suite struct SecretTests {
    private static let secret = "hunter2-and-more"
    private static let commands = [["serve"], ["doctor"], ["audit"]]

    static let tokens = [
        "\(secret)\u{1}", "\(secret) ", "\(secret)\n", "é\(secret)", "\(secret)\"", "{\(secret)}", "hunter2-and-",
    ]

    static let uris = [
        "\(secret)", "mongodb//\(secret)@host", "mongodb://", "mongodb://user:\(secret)@", "mongodb://user:\(secret) @host/",
        "mongodb://u:\(secret)@h:999999/",
        "mongodb://user:x/\(secret)@host/", "mongodb://user:x@\(secret)@host/", "mongodb://user:x?\(secret)@host/",
        "mongodb://user:%zz\(secret)@host/",
        "mongodb+srv://user:\(secret)@", "mongodb://user:\(secret)@host/?replicaSet", "mongodb://user:\(secret)@host/?tls=perhaps\(secret)",
        "mongodb://user:\(secret)@host/?authMechanism=PLAIN&authMechanismProperties=\(secret)",
        "mongodb://host/?tls=true&tlsCertificateKeyFile=/none&tlsCertificateKeyFilePassword=\(secret)",
        "mongodb://user:\(secret)\u{7}@host/[",
        "mongodb://user:\(secret)@127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=200",
    ]

    @Test(arguments: tokens)
    func `A wrong admin token is not shown`(token: String) async throws {
        try await expectSilence(["SHOPMETER_ADMIN_TOKEN": token], naming: "SHOPMETER_ADMIN_TOKEN", of: ["serve"])
    }

    @Test(arguments: uris)
    func `A wrong connection string is not shown, from the environment or a flag`(uri: String) async throws {
        for command in Self.commands {
            try await expectSilence(["SHOPMETER_MONGODB_URI": uri], naming: "SHOPMETER_MONGODB_URI", of: command)
        }
        try await expectSilence([:], naming: "SHOPMETER_MONGODB_URI", of: ["serve", "--mongodb-uri", uri])
    }

    @Test func `A password that the database refuses is not shown`() async throws {
        let host = try TestDatabase.uri().dropFirst("mongodb://".count).prefix { $0 != "/" }
        let uri = "mongodb://user:\(Self.secret)@\(host)/?replicaSet=shopmeter"
        for command in Self.commands {
            try await expectSilence(["SHOPMETER_MONGODB_URI": uri], naming: "SHOPMETER_MONGODB_URI", of: command)
        }
    }

    @Test(arguments: ["short", "\(secret) with spaces", "\(secret)\u{1}"])
    func `A wrong file of the data directory is named, and not shown`(content: String) async throws {
        let directory = TestDatabase.directory("token")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try content.write(toFile: directory + "/admin-token", atomically: true, encoding: .utf8)
        let settings = ["SHOPMETER_DATA_DIR": directory, "SHOPMETER_ADMIN_TOKEN": ""]
        let server = try RunningServer.begin(["serve"], settings)
        #expect(await server.stop(nil) == 1)
        #expect(server.log.contains(directory + "/admin-token"))
        #expect(!server.log.contains(content.prefix(12)))
    }

    private func expectSilence(_ settings: [String: String], naming name: String, of arguments: [String]) async throws {
        let directory = TestDatabase.directory("secret")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try RunningServer.begin(arguments, ["SHOPMETER_DATA_DIR": directory].merging(settings) { $1 })
        #expect(await server.stop(nil) != 0)
        #expect(server.log.contains(name), "\(arguments): \(server.log)")
        #expect(!server.log.contains("hunter2"), "\(arguments): \(server.log)")
    }
}
