import BSON
import Foundation
import Mongo
import Support
import Testing

/// `shopmeter doctor` and the start of `shopmeter serve`, with every wrong setting. With `SHOPMETER_DOCTOR_OUTPUT` the reports are appended to that
/// file.
@Suite(.serialized) struct DoctorTests {
    /// Settings that are wrong without a MongoDB, and what the report says.
    static let machine: [(String, [String: String], [String])] = [
        ("no mongod", ["SHOPMETER_MONGOD": "/nonexistent/mongod"], ["SHOPMETER_MONGOD", "No such file", "SHOPMETER_MONGODB_URI"]),
        ("a program that is no mongod", ["SHOPMETER_MONGOD": "/bin/true"], ["SHOPMETER_MONGOD: /bin/true is not a mongod"]),
        ("a database named admin", ["SHOPMETER_DATABASE": "admin"], ["SHOPMETER_DATABASE is \"admin\"", "not admin, config or local"]),
        (
            "a slip in a variable", ["SHOPMETER_ENFORCMENT": "off"],
            ["no setting SHOPMETER_ENFORCMENT", "Did you mean SHOPMETER_ENFORCEMENT?"]
        ),
        (
            "several wrong values", ["SHOPMETER_TICK_SECONDS": "0", "BILLING_LIMIT_PRO_TOKENS": "many", "SHOPMETER_ADMIN_TOKEN": "short"],
            ["SHOPMETER_TICK_SECONDS", "BILLING_LIMIT_PRO_TOKENS", "SHOPMETER_ADMIN_TOKEN", "3 things are wrong."]
        ),
        ("a connection string that is none", ["SHOPMETER_MONGODB_URI": "mongodb://user:p@ss:word@host"], ["SHOPMETER_MONGODB_URI", "%3A"]),
        (
            "nothing answers", ["SHOPMETER_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0"],
            ["nothing answers at 127.0.0.1:1", "Failed to connect"]
        ),
        ("a data directory that cannot be", ["SHOPMETER_DATA_DIR": "/proc/1"], ["SHOPMETER_DATA_DIR: /proc/1 cannot be written"]),
    ]

    @Test(arguments: machine)
    func `Every wrong setting is named with what it takes`(title: String, settings: [String: String], expected: [String]) async throws {
        try await expectReport(title, settings, expected)
    }

    @Test func `A port in use is told before a mongod is started`() async throws {
        let directory = TestDatabase.directory("doctor-other")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let other = try await RunningServer.start(["SHOPMETER_DATA_DIR": directory])
        let settings = ["SHOPMETER_PORT": "\(other.port)"]
        try await expectReport("a port in use", settings, ["127.0.0.1:\(other.port)", "the port is in use", "ss -ltnp"])
        try await expectNoStart(settings, ["127.0.0.1:\(other.port)", "the port is in use", "SHOPMETER_PORT"], leaving: [])
        #expect(await other.stop() == 0)
    }

    @Test func `A MongoDB of another kind is told, with the next step`() async throws {
        let alone = try await PlainMongod.start()
        defer { alone.stop() }
        let standalone = ["is a standalone server", "--replSet", "rs.initiate()"]
        try await expectRefusal("a standalone server", "mongodb://\(alone.host)/", standalone)
        try await expectRefusal("a standalone server, with a set's name", "mongodb://\(alone.host)/?replicaSet=rs0", standalone)

        let member = try await PlainMongod.start(["--replSet", "rs0"])
        defer { member.stop() }
        try await expectRefusal(
            "a set that was never initiated", "mongodb://\(member.host)/?replicaSet=rs0", ["never initiated", "rs.initiate()"])
        try await member.initiate("rs0")
        try await expectRefusal("a wrong set's name", "mongodb://\(member.host)/?replicaSet=rs1", ["\"rs0\"", "\"rs1\"", "replicaSet=rs0"])
        try await expectReport(
            "all is right", ["SHOPMETER_MONGODB_URI": "mongodb://\(member.host)/?replicaSet=rs0"], ["Nothing is wrong."], code: 0)
        // Its member is down.
        member.stop()
        try await expectRefusal("a set that is down", "mongodb://\(member.host)/?replicaSet=rs0", ["nothing answers"])
    }

    @Test func `A user without the password or the rights is told, and the roles of the manual are enough`() async throws {
        let mongod = try await PlainMongod.start(["--replSet", "rs0", "--auth", "--keyFile", "KEY"])
        defer { mongod.stop() }
        try await mongod.initiate("rs0")
        _ = try mongod.command(["createUser": "root", "pwd": "password", "roles": ["root"]])
        func makeUser(_ name: String, _ roles: [String]) throws {
            let roles = roles.map { Value.document(["role": .string($0), "db": "shopmeter"]) }
            _ = try mongod.command(["createUser": .string(name), "pwd": "password", "roles": .array(roles)], as: "root")
        }
        try makeUser("reader", ["read"])
        try makeUser("service", ["readWrite", "dbAdmin"])
        let uri = { (user: String, password: String) in "mongodb://\(user):\(password)@\(mongod.host)/?replicaSet=rs0&authSource=admin" }
        try await expectRefusal(
            "a wrong password", uri("service", "wrong"), ["refuses the user \"service\" or the password", "authSource"])
        try await expectRefusal("missing rights", uri("reader", "password"), ["\"reader\" lacks", "insert", "readWrite", "dbAdmin"])
        let settings = ["SHOPMETER_MONGODB_URI": uri("service", "password")]
        try await expectReport("enough rights", settings, ["Nothing is wrong."], code: 0)
        let directory = TestDatabase.directory("doctor-rights")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await RunningServer.start(settings.merging(["SHOPMETER_DATA_DIR": directory]) { $1 })
        _ = try await TestShop(on: server)
        #expect(await server.stop() == 0)
    }

    /// The doctor and the start both refuse the MongoDB.
    private func expectRefusal(_ title: String, _ uri: String, _ expected: [String]) async throws {
        let settings = ["SHOPMETER_MONGODB_URI": uri]
        try await expectReport(title, settings, ["SHOPMETER_MONGODB_URI"] + expected)
        try await expectNoStart(settings, ["SHOPMETER_MONGODB_URI"] + expected, leaving: [])
    }

    private func expectReport(_ title: String, _ settings: [String: String], _ expected: [String], code: Int32 = 1) async throws {
        let directory = TestDatabase.directory("doctor")
        let doctor = try RunningServer.begin(["doctor"], ["SHOPMETER_DATA_DIR": directory].merging(settings) { $1 })
        #expect(await doctor.stop(nil) == code, "\(title): \(doctor.log)")
        for text in expected { #expect(doctor.log.contains(text), "\(title): \(doctor.log)") }
        #expect(!FileManager.default.fileExists(atPath: directory), "the doctor makes nothing")
        try Self.keep("## \(title)\n\n\(settings.map { "    \($0.key)=\($0.value)" }.joined(separator: "\n"))\n\n\(doctor.log)\n")
    }

    private func expectNoStart(_ settings: [String: String], _ expected: [String], leaving files: [String]) async throws {
        let directory = TestDatabase.directory("doctor")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try RunningServer.begin(["serve"], ["SHOPMETER_DATA_DIR": directory].merging(settings) { $1 })
        #expect(await server.stop(nil) == 1, "\(server.log)")
        for text in expected { #expect(server.log.contains(text), "\(server.log)") }
        #expect(!server.log.contains("listening"))
        #expect(
            try FileManager.default.fileExists(atPath: directory) == false
                || FileManager.default.contentsOfDirectory(atPath: directory) == files)
    }

    private static func keep(_ report: String) throws {
        guard let path = ProcessInfo.processInfo.environment["SHOPMETER_DOCTOR_OUTPUT"] else { return }
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(report.utf8))
    }
}
