import BSON
import Support

@testable import Mongo

/// `configureFailPoint` of a mongod with test commands: it fails the commands of one test's own connections.
struct FailPoint {
    let appName: String

    /// Makes the next `times` of these commands fail as `how` says (`closeConnection`, `errorCode`, `errorLabels`, …).
    func fail(_ commands: [String], times: Int32, _ how: Document, skip: Int32 = 0) throws {
        var data = how
        data["failCommands"] = .array(commands.map { .string($0) })
        data["appName"] = .string(appName)
        try configure(["times": .int32(times), "skip": .int32(skip)], data)
    }

    func off() throws {
        let admin = try Database(uri: TestDatabase.uri(), name: "admin")
        defer { admin.shutdown() }
        _ = try admin.withConnection { try $0.command(["configureFailPoint": "failCommand", "mode": "off"]) }
    }

    private func configure(_ mode: Document, _ data: Document) throws {
        let admin = try Database(uri: TestDatabase.uri(), name: "admin")
        defer { admin.shutdown() }
        let command: Document = ["configureFailPoint": "failCommand", "mode": .document(mode), "data": .document(data)]
        _ = try admin.withConnection { try $0.command(command) }
    }
}

/// Runs the body with a database whose connections alone meet the fail point.
func withFailPoint(_ body: (Connection, FailPoint) throws -> Void) async throws {
    var options = DatabaseOptions()
    options.appName = "fail-\(UInt64.random(in: 0 ... .max))"
    let point = FailPoint(appName: options.appName)
    try await withTestDatabase(options: options) { database in
        try database.withConnection { connection in
            try connection.ensureCollection("a")
            defer { try? point.off() }
            try body(connection, point)
        }
    }
}
