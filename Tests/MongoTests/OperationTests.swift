import BSON
import Support
import Testing

@testable import Mongo

@Suite struct `Operations on a real server` {
    @Test func `What was inserted is found, sorted, skipped, cut and projected`() async throws {
        try await withTestDatabase { database in
            let found = try await database.run { connection in
                try connection.insert("a", (1...10).map { ["_id": .int64($0), "n": .int64($0 * $0)] })
                return try connection.find("a", ["n": ["$gt": 9]], sort: ["_id": -1], projection: ["n": 1], skip: 1, limit: 3)
            }
            #expect(found.map { $0["n"] } == [81, 64, 49])
        }
    }

    @Test func `Missing is nil, and an empty insert or bulk is nothing`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", [])
                #expect(try connection.bulk("a", []) == .nothing)
                #expect(try connection.findOne("a", ["_id": 1]) == nil)
                #expect(try connection.count("a", [:]) == 0)
                let error = #expect(throws: MongoError.self) { try connection.find("a", [:], limit: 0) }
                #expect(error?.kind == .misuse)
            }
        }
    }

    @Test func `Updates say what they matched, changed and made`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", [["_id": 1, "n": 1], ["_id": 2, "n": 1]])
                #expect(
                    try connection.update("a", ["_id": 1], ["$set": ["n": 1]]) == UpdateResult(matched: 1, modified: 0, upsertedID: nil))
                #expect(
                    try connection.update("a", ["_id": 3], ["$set": ["n": 9]]) == UpdateResult(matched: 0, modified: 0, upsertedID: nil))
                #expect(
                    try connection.update("a", ["_id": 3], ["$set": ["n": 9]], upsert: true)
                        == UpdateResult(matched: 0, modified: 0, upsertedID: 3))
                #expect(try connection.updateMany("a", [:], [["$set": ["n": ["$add": ["$n", 1]]]]]).modified == 3)
                #expect(try connection.find("a", [:], sort: ["_id": 1]).map { $0["n"] } == [2, 2, 10])
                #expect(try connection.deleteOne("a", ["n": 2]) == 1)
                #expect(try connection.deleteMany("a", [:]) == 2)
            }
        }
    }

    @Test(arguments: [["n": 1], [:], ["$set": ["n": 1], "n": 1], [] as Update])
    func `An update that would replace the document is refused`(update: Update) async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                let error = #expect(throws: MongoError.self) { try connection.update("a", [:], update) }
                #expect(error?.kind == .misuse)
                let inBulk = #expect(throws: MongoError.self) { try connection.bulk("a", [.updateOne(filter: [:], update: update)]) }
                #expect(inBulk?.kind == .misuse)
            }
        }
    }

    @Test func `A bulk does each kind of write and counts them`() async throws {
        try await withTestDatabase { database in
            let result = try await database.run { connection in
                try connection.insert("a", [["_id": 1], ["_id": 2], ["_id": 3]])
                return try connection.bulk(
                    "a",
                    [
                        .insert(["_id": 4]), .updateOne(filter: ["_id": 1], update: ["$set": ["n": 1]]),
                        .updateOne(filter: ["_id": 5], update: [["$set": ["n": 1]]], upsert: true),
                        .replaceOne(filter: ["_id": 2], replacement: ["n": 2]), .deleteOne(filter: ["_id": 3]),
                        .updateOne(filter: ["_id": 77], update: ["$inc": ["n": 1]]),
                    ])
            }
            #expect(
                result == BulkResult(inserted: 1, matched: 2, modified: 2, deleted: 1, upserted: 1, upsertedIDs: [2: 5]))
        }
    }

    @Test func `An unordered insert goes on after a duplicate and says which it was`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                let error = #expect(throws: MongoError.self) {
                    try connection.insert("a", [["_id": 1], ["_id": 1], ["_id": 2], ["_id": 2], ["_id": 3]], ordered: false)
                }
                #expect(error?.kind == .duplicateKey)
                #expect(error?.failures.map(\.index) == [1, 3])
                #expect(error?.failures.allSatisfy(\.isDuplicateKey) == true)
                let count = try connection.count("a", [:])
                #expect(count == 3)
            }
        }
    }

    @Test func `Find and modify gives the document before or after`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                #expect(try connection.findAndModify("a", ["_id": 1], ["$inc": ["n": 1]]) == nil)
                #expect(try connection.findAndModify("a", ["_id": 1], ["$inc": ["n": 1]], upsert: true) == ["_id": 1, "n": 1])
                let before = try connection.findAndModify("a", ["_id": 1], ["$inc": ["n": 1]], returnNew: false, maxTimeMS: 1000)
                #expect(before == ["_id": 1, "n": 1])
                let byPipeline: Update = [["$set": ["n": ["$multiply": ["$n", 10]]]]]
                #expect(try connection.findAndModify("a", [:], byPipeline, sort: ["_id": -1]) == ["_id": 1, "n": 20])
            }
        }
    }

    @Test func `A collection gets its validator whether it is new or not`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                for minimum: Value in [1, 5] {
                    try connection.ensureCollection("a", validator: ["n": ["$gte": minimum]])
                }
                try connection.ensureCollection("a")
                let error = #expect(throws: MongoError.self) { try connection.insert("a", [["n": 3]]) }
                #expect(error?.kind == .validation)
            }
        }
    }

    @Test func `Indexes are made, again without effect, and hold`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                let index: Document = ["key": ["n": 1], "name": "n", "unique": true]
                try connection.createIndexes("a", [index])
                try connection.createIndexes("a", [index])
                let error = #expect(throws: MongoError.self) { try connection.insert("a", [["n": 3], ["n": 3]]) }
                #expect(error?.kind == .duplicateKey)
                try connection.dropCollection("a")
                try connection.dropCollection("a")
            }
        }
    }

    @Test func `A pipeline's documents come in memory or one by one`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", (0..<500).map { ["_id": .int64($0), "mod": .int64($0 % 2)] })
                let groups = try connection.aggregate("a", [["$group": ["_id": "$mod", "n": ["$sum": 1]]], ["$sort": ["_id": 1]]])
                #expect(groups == [["_id": 0, "n": 250], ["_id": 1, "n": 250]])
                var streamed = 0
                try connection.forEachAggregated("a", [["$match": [:]]]) { _ in streamed += 1 }
                #expect(streamed == 500)
            }
        }
    }

    @Test func `Streaming sees each document once, and what the body throws ends it`() async throws {
        struct Stop: Error {}
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", (0..<1000).map { ["_id": .int64($0)] })
                var seen: [Value?] = []
                try connection.forEach("a", [:], sort: ["_id": 1], batchSize: 64) { seen.append($0["_id"]) }
                #expect(seen == (0..<1000).map { .int64($0) })
                var count = 0
                #expect(throws: Stop.self) {
                    try connection.forEach("a", [:], batchSize: 10) { _ in
                        count += 1
                        if count == 15 { throw Stop() }
                    }
                }
            }
        }
    }
}

@Suite struct SnapshotTests {
    @Test func `A snapshot reads what was there at its first read, whatever is written meanwhile, and cannot write`() async throws {
        try await withTestDatabase { database in
            try database.withConnection { connection in
                try connection.insert("a", [["_id": 1, "n": 1], ["_id": 2, "n": 2]])
                try connection.snapshot { snapshot in
                    #expect(try snapshot.find("a", [:]).count == 2)
                    try database.withConnection { try $0.insert("a", [["_id": 3]]) }
                    #expect(try snapshot.find("a", [:]).count == 2)
                    #expect(try snapshot.aggregate("a", [["$group": ["_id": .null, "n": ["$sum": "$n"]]]]).first?["n"] == 3)
                    #expect(throws: MongoError.self) { try connection.find("a", [:]) }
                    #expect(throws: MongoError.self) { try snapshot.aggregate("a", [["$match": [:]], ["$out": "b"]]) }
                }
                #expect(try connection.find("a", [:]).count == 3)
            }
        }
    }
}
