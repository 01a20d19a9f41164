import BSON
import Dispatch
import Foundation
import Mongo
import Support
import Synchronization
import Testing

@testable import Store

@Suite struct MigratorTests {
    private static let latest = Int64(Migration.all.count)

    private static func version(of database: Database) throws -> Int64? {
        try database.withConnection { try SchemaVersion.find($0) }
    }

    /// A change of the schema is a new step. Its author runs this test once with `SHOPMETER_RECORD_SCHEMA=1`, and commits the file.
    @Test func `The schema is the one that was recorded for its version`() async throws {
        try await withTestDatabase { database in
            try Migrator(database: database).run()
            let listing = try SchemaListing.of(database)
            if ProcessInfo.processInfo.environment["SHOPMETER_RECORD_SCHEMA"] != nil {
                try SchemaListing.record(listing, as: Self.latest)
            }
            let recorded = try SchemaListing.recorded(Self.latest)
            #expect(listing == recorded, "a change of the schema needs a new step in Migration.all")
        }
    }

    @Test(arguments: 0...latest)
    func `A database of every version before ends as a new one`(version: Int64) async throws {
        try await withTestDatabase { database in
            try SchemaListing.restore(SchemaListing.recorded(version), in: database)
            try database.withConnection { connection in
                guard version > 0 else { return }
                for step in Migration.all.prefix(Int(version)) { _ = try SchemaVersion.note(step, connection) }
            }
            try Migrator(database: database).run()
            #expect(try SchemaListing.of(database) == SchemaListing.recorded(Self.latest))
            #expect(try Self.version(of: database) == Self.latest)
        }
    }

    @Test func `Steps are done in order, each once, and an interrupted one is done again`() async throws {
        try await withTestDatabase { database in
            let done = Mutex<[Int64]>([])
            let fails = Mutex(true)
            let steps = (1...3).map { version in
                Migration(version, "step \(version)") { _ in
                    done.withLock { $0.append(version) }
                    if version == 2, fails.withLock({ $0 }) { throw StoreError(.other, "a fault") }
                }
            }
            #expect(throws: StoreError.self) { try Migrator(database: database, steps: steps).run() }
            #expect(try Self.version(of: database) == 1)
            fails.withLock { $0 = false }
            try Migrator(database: database, steps: steps).run()
            try Migrator(database: database, steps: steps).run()
            #expect(done.withLock { $0 } == [1, 2, 2, 3])
        }
    }

    @Test func `Of several instances that start at once, one does the steps`() async throws {
        try await withTestDatabase { database in
            let done = Mutex(0)
            let waited = Mutex(0)
            let steps = [
                Migration(1, "slow") { _ in
                    done.withLock { $0 += 1 }
                    // Until somebody waits for it.
                    while waited.withLock({ $0 }) == 0 { Thread.sleep(forTimeInterval: 0.01) }
                }
            ]
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                let log: @Sendable (String) -> Void = { line in
                    if line.contains("another instance") { waited.withLock { $0 += 1 } }
                }
                #expect(throws: Never.self) { try Migrator(database: database, steps: steps, log: log).run() }
            }
            #expect(done.withLock { $0 } == 1)
        }
    }

    @Test func `A database that a newer program changed is refused, and keeps its validators`() async throws {
        try await withTestDatabase { database in
            try Migrator(database: database).run()
            let next = Migration(Self.latest + 1, "of a newer program") {
                _ = try $0.command(["collMod": "plans", "validator": ["added": ["$exists": true]]])
            }
            try Migrator(database: database, steps: Migration.all + [next]).run()
            let listing = try SchemaListing.of(database)
            let attempts: [() throws -> Void] = [
                { try Migrator(database: database).run() }, { try MeterStore(database: database).requireSchema() },
            ]
            for attempt in attempts {
                let error = #expect(throws: SchemaError.self, performing: attempt)
                #expect(error?.kind == .newer)
                #expect(error?.description.contains("version \(Self.latest + 1)") == true)
            }
            #expect(try SchemaListing.of(database) == listing)
        }
    }

    @Test func `A command's look changes nothing, and says what is missing`() async throws {
        try await withTestDatabase { database in
            let store = MeterStore(database: database)
            let absent = #expect(throws: SchemaError.self) { try store.requireSchema() }
            #expect(absent?.kind == .absent)
            #expect(try SchemaListing.of(database) == [])
            try SchemaListing.restore(try SchemaListing.recorded(1).filter { $0.contains(#""shops""#) }, in: database)
            let older = #expect(throws: SchemaError.self) { try store.requireSchema() }
            #expect(older?.kind == .older)
            try store.prepare()
            #expect(throws: Never.self) { try store.requireSchema() }
        }
    }

    @Test func `A stop ends the migration between two steps`() async throws {
        try await withTestDatabase { database in
            let stopped = Mutex(false)
            let steps = (1...2).map { version in Migration(version, "step") { _ in stopped.withLock { $0 = true } } }
            #expect(throws: CancellationError.self) {
                try Migrator(database: database, steps: steps, isStopped: { stopped.withLock { $0 } }).run()
            }
            let version = try Self.version(of: database)
            #expect(version == 1)
        }
    }
}
