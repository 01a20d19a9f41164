import BSON
import Dispatch
import Support
import Synchronization
import Testing

@testable import Mongo

@Suite struct `Threads, connections and their bounds` {
    @Test func `Transactions that meet on one document are all counted`() async throws {
        try await withTestDatabase { database in
            try await database.run { try $0.insert("a", [["_id": 1, "n": 0]]) }
            try await withThrowingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await database.run { connection in
                            try connection.transaction { transaction in
                                let old = try transaction.findOne("a", ["_id": 1])?.int64("n") ?? 0
                                _ = try transaction.update("a", ["_id": 1], ["$set": ["n": .int64(old + 1)]])
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let final = try await database.run { try $0.findOne("a", [:]) }
            #expect(final?["n"] == 40)
        }
    }

    @Test func `An escaped connection or transaction is refused`() async throws {
        try await withTestDatabase { database in
            var connection: Connection?
            var transaction: Transaction?
            try database.withConnection { lent in
                connection = lent
                try lent.transaction { transaction = $0 }
            }
            for escaped in [connection, transaction] {
                let error = #expect(throws: MongoError.self) { try escaped?.count("a", [:]) }
                #expect(error?.kind == .misuse)
            }
            let error = #expect(throws: MongoError.self) { try connection?.transaction { _ in } }
            #expect(error?.kind == .misuse)
        }
    }

    @Test func `When every connection is lent the next caller is refused in time`() async throws {
        var options = DatabaseOptions()
        (options.threads, options.urgentThreads, options.ownThreads) = (1, 0, 1)
        options.waitForConnection = .milliseconds(50)
        try await withTestDatabase(options: options) { database in
            let error = #expect(throws: MongoError.self) {
                try database.withConnection { _ in try database.withConnection { _ in try database.ping() } }
            }
            #expect(error?.kind == .overloaded)
            try database.ping()
        }
    }

    @Test func `A full queue refuses at once and the queued still run`() {
        let threads = DatabaseThreads(count: 1, bound: 2, wait: .seconds(60))
        let (began, hold) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let ran = Mutex<[Int]>([])
        let refused = Mutex<[Int: MongoError.Kind]>([:])
        for number in 0..<5 {
            let run: @Sendable () -> Void = {
                if number == 0 {
                    began.signal()
                    hold.wait()
                }
                ran.withLock { $0.append(number) }
            }
            threads.submit(.init(enqueued: .now, run: run, refuse: { error in refused.withLock { $0[number] = error.kind } }))
            if number == 0 { began.wait() }
        }
        #expect(refused.withLock { $0 } == [3: .overloaded, 4: .overloaded])
        hold.signal()
        threads.shutdown()
        #expect(ran.withLock { $0 } == [0, 1, 2])
    }

    @Test func `A call that waited too long for its thread is refused, not begun`() {
        let threads = DatabaseThreads(count: 1, bound: 2, wait: .seconds(2))
        let outcome = Mutex("")
        threads.submit(
            .init(
                enqueued: .now - .seconds(3), run: { outcome.withLock { $0 = "ran" } },
                refuse: { error in outcome.withLock { $0 = "\(error.kind)" } }))
        threads.shutdown()
        #expect(outcome.withLock { $0 } == "overloaded")
    }

    @Test func `A call whose time is over is refused before it is begun, and keeps no thread`() async throws {
        try await withTestDatabase { database in
            let error = await #expect(throws: MongoError.self) { try await database.run(by: .now) { _ in } }
            #expect(error?.kind == .timeout)
        }
    }

    @Test func `After the shutdown every call is refused`() async throws {
        let database = try TestDatabase.make()
        try database.ping()
        database.shutdown()
        database.shutdown()
        let own = #expect(throws: MongoError.self) { try database.ping() }
        #expect(own?.kind == .unavailable)
        let queued = await #expect(throws: MongoError.self) { try await database.run { _ in } }
        #expect(queued?.kind == .unavailable)
    }

    @Test(arguments: ["", "http://localhost", "mongodb://", "mongodb://h:99999", "mongodb://h/?socketTimeoutMS=x&ssl=%"])
    func `A URI that is none is refused`(uri: String) {
        let error = #expect(throws: MongoError.self) { try Database(uri: uri, name: "a") }
        #expect(error?.kind == .misuse)
    }

    @Test func `Nobody at the address is an unavailable database within its time`() throws {
        let database = try Database(uri: "mongodb://127.0.0.1:1/?replicaSet=none", name: "a")
        let start = ContinuousClock.now
        let error = #expect(throws: MongoError.self) { try database.ping() }
        #expect(error?.kind == .unavailable)
        #expect(error?.mayHaveHappened == false)
        #expect(start.duration(to: .now) < .seconds(20))
        database.shutdown()
    }

    @Test func `Eleven lines in a second are ten, and the next second says what is missing`() {
        var limit = RateLimit(lines: 10, per: .seconds(1))
        let start = ContinuousClock.now
        let verdicts = (0..<12).map { _ in limit.admit(at: start) }
        #expect(verdicts.filter { $0 == .admitted(suppressed: 0) }.count == 10)
        #expect(limit.admit(at: start + .seconds(1)) == .admitted(suppressed: 2))
        #expect(limit.admit(at: start + .seconds(1)) == .admitted(suppressed: 0))
    }

    @Test func `The pauses grow by half to half a second`() {
        var backoff = Backoff()
        let pauses = (0..<14).map { _ in backoff.next(jitter: 1) }
        #expect(pauses.first == .milliseconds(5))
        #expect(pauses[1] == .microseconds(7500))
        #expect(pauses.last == .milliseconds(500))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
    }
}
