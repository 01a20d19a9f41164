internal import BSON
package import Mongo
internal import Synchronization

/// A database that has been prepared once, and is handed from test to test: its hundreds of files, which cost a mongod a second, are made once.
struct PreparedDatabase: Sendable {
    let name: String
    private let state: State

    /// What a database is apart from what tests write into it.
    private struct State: Sendable, Equatable {
        /// As `listCollections` gives them, in the order of their names.
        var collections: [Document]
        /// As `listIndexes` gives them, by collection.
        var indexes: [String: [Value]]
        /// What was in each collection that was not empty.
        var contents: [String: [Document]]

        init(of database: Database) throws {
            (collections, indexes, contents) = try database.withConnection { connection in
                let listed = try Self.batch(connection.command(["listCollections": 1, "cursor": ["batchSize": 1_000]]))
                let collections = listed.compactMap(\.asDocument).sorted { $0["name"]?.asString ?? "" < $1["name"]?.asString ?? "" }
                var (indexes, contents): ([String: [Value]], [String: [Document]]) = ([:], [:])
                for name in collections.compactMap({ $0["name"]?.asString }) {
                    indexes[name] = try Self.batch(connection.command(["listIndexes": .string(name)]))
                    let documents = try connection.find(name, [:])
                    if !documents.isEmpty { contents[name] = documents }
                }
                return (collections, indexes, contents)
            }
        }

        private static func batch(_ reply: Document) throws -> [Value] { try reply.document("cursor").array("firstBatch") }
    }

    /// The prepared databases that no test has now.
    private static let idle = Mutex<[Self]>([])

    /// A prepared database: one that was handed back, if there is one that is still as it was made.
    static func lend(preparedBy prepare: (Database) throws -> Void) throws -> Self {
        while let used = idle.withLock({ $0.popLast() }) {
            let database = try TestDatabase.make(options: .forTests, name: used.name)
            if (try? used.empty(database)) == true {
                database.shutdown()
                return used
            }
            // A test changed its collections, or left a transaction open.
            try? TestDatabase.drop(database)
        }
        let database = try TestDatabase.make(options: .forTests)
        do {
            try prepare(database)
            let prepared = Self(name: database.name, state: try State(of: database))
            database.shutdown()
            return prepared
        } catch {
            try? TestDatabase.drop(database)
            throw error
        }
    }

    /// For the next test. What this one's threads still write is removed when that one comes.
    func handBack(_ database: Database) {
        database.shutdown()
        Self.idle.withLock { $0.append(self) }
    }

    /// Removes what tests have written. False where more than documents differs from what was made.
    private func empty(_ database: Database) throws -> Bool {
        try database.withConnection { connection in
            for name in state.indexes.keys {
                let everything: Value = ["q": [:], "limit": 0]
                _ = try connection.command([
                    "delete": .string(name), "deletes": [everything], "writeConcern": ["w": 1, "j": false], "maxTimeMS": 2_000,
                ])
            }
            // These wait for a majority, and so for all before them.
            for (name, documents) in state.contents { try connection.insert(name, documents) }
        }
        return try State(of: database) == state
    }
}

/// Lends `body` an empty database that `prepare` has prepared; the process has one `prepare` for all of them.
package func withTestDatabase<R>(
    options: DatabaseOptions? = nil, preparedBy prepare: (Database) throws -> Void, _ body: (Database) async throws -> R
) async throws -> R {
    try await TestDatabase.gate.pass {
        let prepared = try PreparedDatabase.lend(preparedBy: prepare)
        let database = try TestDatabase.make(options: options ?? .forTests, name: prepared.name)
        do {
            let result = try await body(database)
            prepared.handBack(database)
            return result
        } catch {
            try? TestDatabase.drop(database)
            throw error
        }
    }
}
