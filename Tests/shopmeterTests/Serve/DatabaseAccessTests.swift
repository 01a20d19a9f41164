import BSON
import Foundation
import Mongo
import Store
import Support
import Testing

@testable import shopmeter

/// Only `serve` makes a database.
@Suite struct DatabaseAccessTests {
    static let calls = [
        ["audit"], ["shops", "list"], ["shops", "create", "--shop", "a"], ["keys", "list", "--shop", "a"], ["jobs", "run", "rollover"],
        ["export", "--shop", "a", "--collection", "usage_events", "--format", "csv"], ["bench", "rollover"],
    ]

    @Test(arguments: calls)
    func `A command in the wrong folder is refused, and leaves nothing there`(arguments: [String]) async throws {
        try await withDirectory { directory in
            let program = Program(environment: ["SHOPMETER_MONGOD": TestDatabase.mongod])
            #expect(await program.run(arguments + ["--data-dir", directory]) == 1)
            #expect(await program.run(arguments + ["--data-dir", directory + "/missing"]) == 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left == [])
        }
    }

    @Test(arguments: calls.dropLast())
    func `A command on a database that is none makes no collection`(arguments: [String]) async throws {
        try await withTestDatabase { database in
            let environment = ["SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name]
            #expect(await Program(environment: environment).run(arguments) == 1)
            let collections = try database.withConnection { try $0.command(["listCollections": 1]).document("cursor").array("firstBatch") }
            #expect(collections.isEmpty)
        }
    }

    @Test func `A folder whose owner never made a database is refused too`() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory + "/mongodb", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: directory + "/mongodb/owner.lock"))
            #expect(await Program(environment: [:]).run(["audit", "--data-dir", directory]) == 1)
            let left = try FileManager.default.subpathsOfDirectory(atPath: directory)
            #expect(Set(left) == ["mongodb", "mongodb/owner.lock"])
        }
    }
}
