import BSON
import Support
import Testing

@testable import Mongo

/// Serialized: the server has one `failCommand` fail point.
@Suite(.serialized) struct `Faults that the server is told to make` {
    static let transient: Document = ["errorCode": 112, "errorLabels": ["TransientTransactionError"]]

    @Test(arguments: [(["closeConnection": true], 1), (transient, 3)] as [(Document, Int32)])
    func `A transaction runs again as a whole after a transient error`(fault: Document, times: Int32) async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: times, fault)
            var runs: Int32 = 0
            try connection.transaction { transaction in
                runs += 1
                _ = try transaction.update("a", ["_id": 0], ["$inc": ["n": 1]], upsert: true)
                try transaction.insert("a", [["_id": 1]])
            }
            let stored = try connection.find("a", [:], sort: ["_id": 1])
            #expect(runs == times + 1)
            #expect(stored == [["_id": 0, "n": 1], ["_id": 1]])
        }
    }

    @Test(arguments: [239, 246] as [Int32])
    func `A snapshot that the server keeps no more is told as that, and another can be taken`(code: Int32) async throws {
        try await withFailPoint { connection, point in
            try connection.insert("a", [["_id": 1]])
            try point.fail(["aggregate"], times: 1, ["errorCode": .int32(code)])
            let error = #expect(throws: MongoError.self) {
                try connection.snapshot { try $0.aggregate("a", [["$match": [:]]]) }
            }
            #expect(error?.kind == .transactionAborted && error?.code == code)
            #expect(try connection.snapshot { try $0.aggregate("a", [["$match": [:]]]) } == [["_id": 1]])
        }
    }

    @Test func `A transient error that the body swallows still runs it again`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 1, Self.transient)
            var runs = 0
            try connection.transaction { transaction in
                runs += 1
                try? transaction.insert("a", [["_id": .int64(Int64(runs))]])
            }
            let stored = try connection.find("a", [:])
            #expect(stored == [["_id": 2]])
        }
    }

    @Test func `A transient error without end is thrown at the deadline`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 100_000, Self.transient)
            let start = ContinuousClock.now
            let error = #expect(throws: MongoError.self) {
                try connection.transaction(deadline: .milliseconds(300)) { try $0.insert("a", [["_id": 1]]) }
            }
            #expect(error?.kind == .writeConflict)
            #expect(error?.isTemporary == true)
            #expect(start.duration(to: .now) < .seconds(20))
        }
    }

    @Test func `A transaction is not run again when its caller's time is over`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 100_000, Self.transient)
            var options = DatabaseOptions()
            options.appName = point.appName
            let database = try Database(uri: TestDatabase.uri(), name: connection.database, options: options)
            defer { database.shutdown() }
            var runs = 0
            let error = #expect(throws: MongoError.self) {
                try database.withConnection(by: .now) { connection in
                    try connection.transaction(deadline: .seconds(60)) { transaction in
                        runs += 1
                        try transaction.insert("a", [["_id": 1]])
                    }
                }
            }
            #expect(error?.kind == .writeConflict && runs == 1)
        }
    }

    @Test(
        arguments: [
            (["closeConnection": true], 1), (["closeConnection": true], 2), (["errorCode": 11602], 3),
            (["writeConcernError": ["code": 64, "errmsg": "waiting for replication timed out"]], 2),
        ] as [(Document, Int32)])
    func `A commit whose outcome is unknown is asked for again on the same transaction`(fault: Document, times: Int32) async throws {
        try await withFailPoint { connection, point in
            try point.fail(["commitTransaction"], times: times, fault)
            var runs = 0
            try connection.transaction { transaction in
                runs += 1
                try transaction.insert("a", [["_id": .int64(Int64(runs))]])
            }
            let stored = try connection.find("a", [:])
            #expect(stored == [["_id": 1]])
        }
    }

    @Test func `A commit that stays unknown is reported so at the deadline`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["commitTransaction"], times: 100_000, ["writeConcernError": ["code": 64, "errmsg": "too slow"]])
            let error = #expect(throws: MongoError.self) {
                try connection.transaction(deadline: .milliseconds(500)) { try $0.insert("a", [["_id": 1]]) }
            }
            #expect(error?.kind == .commitUnknown)
            #expect(error?.mayHaveHappened == true)
        }
    }

    @Test func `A commit that certainly failed runs the transaction again`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["commitTransaction"], times: 1, ["errorCode": 251, "errorLabels": ["TransientTransactionError"]])
            var runs = 0
            try connection.transaction { transaction in
                runs += 1
                try transaction.insert("a", [["_id": 1]])
            }
            let stored = try connection.find("a", [:])
            #expect(runs == 2)
            #expect(stored == [["_id": 1]])
        }
    }

    @Test func `A single write survives one cut, and says after two that it may have happened`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 1, ["closeConnection": true])
            try connection.insert("a", [["_id": 1]])
            try point.fail(["insert"], times: 2, ["closeConnection": true])
            let error = #expect(throws: MongoError.self) { try connection.insert("a", [["_id": 2]]) }
            #expect(error?.kind == .unavailable)
            #expect(error?.mayHaveHappened == true)
            #expect(error?.isTemporary == true)
        }
    }

    @Test func `A write that is stored but not confirmed may have happened`() async throws {
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 1, ["writeConcernError": ["code": 64, "errmsg": "too slow"]])
            let error = #expect(throws: MongoError.self) { try connection.insert("a", [["_id": 1]]) }
            #expect(error?.kind == .timeout)
            #expect(error?.mayHaveHappened == true)
            // A read of the majority sees it at the latest after the next write of one.
            try connection.insert("a", [["_id": 2]])
            let count = try connection.count("a", [:])
            #expect(count == 2)
        }
    }

    @Test(arguments: [(["errorCode": 43], .cursorLost), (["closeConnection": true], .unavailable)] as [(Document, MongoError.Kind)])
    func `A cursor that dies is an error, never a short answer`(fault: Document, kind: MongoError.Kind) async throws {
        try await withFailPoint { connection, point in
            try connection.insert("a", (0..<300).map { ["_id": .int64($0)] })
            try point.fail(["getMore"], times: 1, fault)
            var seen = 0
            let error = #expect(throws: MongoError.self) {
                try connection.forEach("a", [:], batchSize: 100) { _ in seen += 1 }
            }
            #expect(error?.kind == kind)
            #expect(seen == 100)
        }
    }

    @Test(arguments: [134, 8000, 11601, 14031, 290] as [Int32])
    func `What the server cannot do just now is temporary, in a transaction and at its commit`(code: Int32) async throws {
        try await withFailPoint { connection, point in
            for command in ["insert", "commitTransaction"] {
                try point.fail([command], times: 100_000, ["errorCode": .int32(code)])
                let error = #expect(throws: MongoError.self) {
                    try connection.transaction(deadline: .milliseconds(300)) { try $0.insert("a", [["_id": 1]]) }
                }
                #expect(error?.isTemporary == true && error?.kind != .unavailable && error?.isUnreached == false)
            }
        }
    }

    @Test func `A server that cannot be reached is told apart from one that breaks a call off`() async throws {
        var options = DatabaseOptions()
        options.selection = .milliseconds(200)
        let nowhere = try Database(uri: "mongodb://127.0.0.1:1/?replicaSet=none", name: "none", options: options)
        defer { nowhere.shutdown() }
        let unreached = #expect(throws: MongoError.self) { try nowhere.ping() }
        #expect(unreached?.kind == .unavailable && unreached?.isUnreached == true && unreached?.mayHaveHappened == false)
        try await withFailPoint { connection, point in
            try point.fail(["insert"], times: 2, ["closeConnection": true])
            let cut = #expect(throws: MongoError.self) { try connection.insert("a", [["_id": 2]]) }
            #expect(cut?.kind == .unavailable && cut?.isUnreached == false && cut?.mayHaveHappened == true)
        }
    }
}
