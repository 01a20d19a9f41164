import BSON
import Support
import Testing

@testable import Mongo

/// Documents that another transaction holds.
@Suite struct HeldDocumentTests {
    @Test func `Who does not wait for another transaction is told of it at once, and nothing of it is stored`() async throws {
        try await withTestDatabase { database in
            try await database.run { try $0.insert("a", [["_id": 1]]) }
            try await holding(1, of: "a", in: database) {
                var runs = 0
                let error = #expect(throws: MongoError.self) {
                    try database.withConnection { connection in
                        try connection.transaction(deadline: .seconds(60), retryingConflicts: false) { transaction in
                            runs += 1
                            try transaction.insert("a", [["_id": 2]])
                            _ = try transaction.update("a", ["_id": 1], ["$set": ["n": 1]])
                        }
                    }
                }
                #expect(error?.kind == .writeConflict && runs == 1)
            }
            #expect(try await database.run { try $0.find("a", [:]) } == [["_id": 1]])
        }
    }

    @Test func `A transaction that stands still is ended, if connections of that name began it`() async throws {
        try await withTestDatabase { database in
            let name = database.appName
            try await database.run { try $0.insert("a", [["_id": 1], ["_id": 2]]) }
            try await holding(1, of: "a", in: database, as: nil) {
                try await holding(2, of: "a", in: database, as: "somebody") {
                    let early = try database.withConnection { try $0.endIdleTransactions(of: name, after: .seconds(60)) }
                    #expect(early == 0)
                    // The time that a transaction stands still is the server's, which announces nothing.
                    let ended = try await poll {
                        try database.withConnection { try $0.endIdleTransactions(of: name, after: .milliseconds(20)) } == 1 ? true : nil
                    }
                    #expect(ended)
                    try database.withConnection { connection in
                        try connection.transaction(retryingConflicts: false) { _ = try $0.update("a", ["_id": 1], ["$set": ["n": 1]]) }
                        let error = #expect(throws: MongoError.self) {
                            try connection.transaction(retryingConflicts: false) { _ = try $0.update("a", ["_id": 2], ["$set": ["n": 1]]) }
                        }
                        #expect(error?.kind == .writeConflict)
                    }
                }
            }
        }
    }
}
