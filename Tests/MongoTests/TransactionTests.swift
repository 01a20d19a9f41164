import BSON
import Support
import Testing

@testable import Mongo

@Suite struct `Transactions` {
    @Test func `A committed transaction is seen, by itself before and by others after`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", [["_id": 1]])
                let inside = try connection.transaction { transaction in
                    try transaction.insert("a", [["_id": 2]])
                    return try transaction.count("a", [:])
                }
                #expect(inside == 2)
                #expect(try connection.count("a", [:]) == 2)
            }
        }
    }

    @Test func `What the body throws undoes all it wrote, by every operation`() async throws {
        struct Stop: Error {}
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", [["_id": 1, "n": 0], ["_id": 2]])
                #expect(throws: Stop.self) {
                    try connection.transaction { transaction in
                        try transaction.insert("a", [["_id": 3]])
                        _ = try transaction.update("a", ["_id": 1], ["$inc": ["n": 1]])
                        _ = try transaction.bulk("a", [.insert(["_id": 4]), .updateOne(filter: ["_id": 1], update: ["$inc": ["n": 1]])])
                        _ = try transaction.findAndModify("a", ["_id": 1], ["$inc": ["n": 1]])
                        _ = try transaction.deleteOne("a", ["_id": 2])
                        _ = try transaction.updateMany("a", [:], ["$set": ["m": 1]])
                        _ = try transaction.command(["insert": "a", "documents": [["_id": 5]]])
                        #expect(try transaction.find("a", ["m": 1]).count == 3)
                        #expect(try transaction.aggregate("a", [["$match": ["n": 3]]]).count == 1)
                        throw Stop()
                    }
                }
                #expect(try connection.find("a", [:], sort: ["_id": 1]) == [["_id": 1, "n": 0], ["_id": 2]])
            }
        }
    }

    @Test func `A duplicate key aborts the transaction even when the body goes on`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                try connection.insert("a", [["_id": 1]])
                var runs = 0
                let error = #expect(throws: MongoError.self) {
                    try connection.transaction { transaction in
                        runs += 1
                        try? transaction.insert("a", [["_id": 2], ["_id": 1]])
                    }
                }
                #expect(error?.kind == .duplicateKey)
                #expect(error?.labels == [])
                #expect(runs == 1)
                #expect(try connection.count("a", [:]) == 1)
            }
        }
    }

    @Test func `The lender is of no use while its transaction is open, and again afterwards`() async throws {
        try await withTestDatabase { database in
            try await database.run { connection in
                let error = try connection.transaction { transaction in
                    try transaction.insert("a", [["_id": 1]])
                    return #expect(throws: MongoError.self) { try connection.insert("a", [["_id": 2]]) }
                }
                #expect(error?.kind == .misuse)
                let nested = #expect(throws: MongoError.self) {
                    try connection.transaction { try $0.transaction { _ in } }
                }
                #expect(nested?.kind == .misuse)
                #expect(try connection.count("a", [:]) == 1)
            }
        }
    }
}
