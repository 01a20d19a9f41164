package import BSON
package import Mongo

/// `configureFailPoint` of a mongod with test commands: it fails the commands of one database's own connections.
package struct FailPoint {
    package let appName: String

    /// Makes the next `times` of these commands fail as `how` says (`closeConnection`, `errorCode`, `errorLabels`, …).
    package func fail(_ commands: [String], times: Int32, _ how: Document, skip: Int32 = 0) throws {
        var data = how
        data["failCommands"] = .array(commands.map { .string($0) })
        data["appName"] = .string(appName)
        try Self.configure(["mode": ["times": .int32(times), "skip": .int32(skip)], "data": .document(data)])
    }

    package func off() throws { try Self.configure(["mode": "off"]) }

    private static func configure(_ how: Document) throws {
        let admin = try Database(uri: TestDatabase.uri(), name: "admin")
        defer { admin.shutdown() }
        var command: Document = ["configureFailPoint": "failCommand"]
        for (key, value) in how { command[key] = value }
        _ = try admin.withConnection { try $0.command(command) }
    }

    /// Lends the server's fail point for the database's connections, and switches it off afterwards. The server has one, so that one test at a
    /// time has it.
    package static func lent<R>(for database: Database, _ body: (FailPoint) async throws -> R) async throws -> R {
        try await gate.pass {
            let point = FailPoint(appName: database.appName)
            defer { try? point.off() }
            return try await body(point)
        }
    }

    private static let gate = Gate(count: 1)
}

/// Runs the body with a database whose connections alone meet the fail point.
package func withFailPoint(_ body: (Connection, FailPoint) throws -> Void) async throws {
    try await withTestDatabase(options: DatabaseOptions()) { database in
        try await FailPoint.lent(for: database) { point in
            try database.withConnection { connection in
                try connection.ensureCollection("a")
                try body(connection, point)
            }
        }
    }
}
