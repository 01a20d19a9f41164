import BSON
import Dispatch
import Support
import Synchronization
import Testing

@testable import Mongo

/// Several owners on the same threads: none of them waits for another's calls to end.
@Suite struct LaneTests {
    @Test func `One owner's calls take half of the threads, and another's begin beside them`() async {
        let threads = DatabaseThreads(count: 4, bound: 100, wait: .seconds(600))
        let hold = DispatchSemaphore(value: 0)
        let (began, begin) = AsyncStream.makeStream(of: String.self)
        for owner in ["a", "a", "a", "a", "b"] {
            threads.submit(
                .on(.plain(of: owner)) {
                    begin.yield(owner)
                    hold.wait()
                })
        }
        var seen: [String] = []
        for await owner in began {
            seen.append(owner)
            if seen.count == 3 { break }
        }
        #expect(seen.sorted() == ["a", "a", "b"])
        for _ in 0..<5 { hold.signal() }
        threads.shutdown()
    }

    /// Has the owner `a` take a thread, which is free again after a signal.
    private func occupied(_ threads: DatabaseThreads) -> DispatchSemaphore {
        let (began, hold) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        threads.submit(
            .on(.plain(of: "a")) {
                began.signal()
                hold.wait()
            })
        began.wait()
        return hold
    }

    @Test func `Owners are served in turn, each in the order of its calls`() {
        let threads = DatabaseThreads(count: 1, bound: 100, wait: .seconds(600))
        let hold = occupied(threads)
        let ran = Mutex<[String]>([])
        for (owner, call) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("b", "b2")] {
            threads.submit(.on(.plain(of: owner)) { ran.withLock { $0.append(call) } })
        }
        hold.signal()
        threads.shutdown()
        #expect(ran.withLock { $0 } == ["a1", "b1", "c1", "a2", "b2", "a3"])
    }

    @Test func `A full queue takes another owner's call in the place of the last one of the longest line`() {
        let threads = DatabaseThreads(count: 1, bound: 3, wait: .seconds(600))
        let hold = occupied(threads)
        let ran = Mutex<[String]>([])
        let refused = Mutex<[String]>([])
        for (owner, call) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("b", "b2"), ("a", "a4")] {
            var job = DatabaseThreads.Job.on(.plain(of: owner)) { ran.withLock { $0.append(call) } }
            job.refuse = { _ in refused.withLock { $0.append(call) } }
            threads.submit(job)
        }
        hold.signal()
        threads.shutdown()
        #expect(refused.withLock { $0 } == ["a3", "b2", "a4"])
        #expect(ran.withLock { $0 } == ["a1", "b1", "a2"])
    }

    @Test func `Steps of long reads leave an owner's other calls a thread, and all owners' leave half of the threads`() {
        var limits = LaneLimits(threads: 8)
        for lane in [Lane.long(of: "a"), .long(of: "a")] {
            #expect(limits.admits(lane))
            limits.begin(lane)
        }
        #expect(!limits.admits(.long(of: "a")) && limits.admits(.plain(of: "a")))
        for lane in [Lane.long(of: "b"), .long(of: "c")] {
            #expect(limits.admits(lane))
            limits.begin(lane)
        }
        #expect(!limits.admits(.long(of: "d")) && limits.admits(.plain(of: "d")))
        limits.end(.long(of: "a"))
        #expect(limits.admits(.long(of: "d")) && limits.admits(.long(of: "a")))
        for _ in 0..<3 { limits.begin(.plain(of: "a")) }
        #expect(!limits.admits(.plain(of: "a")) && !limits.admits(.long(of: "a")))
    }

    @Test func `An urgent call does not wait for the threads of the others`() async throws {
        var options = DatabaseOptions()
        options.threads = 2
        try await withTestDatabase(options: options) { database in
            let hold = DispatchSemaphore(value: 0)
            let (began, begin) = AsyncStream.makeStream(of: Bool.self)
            let held = ["a", "b"].map { owner in
                Task {
                    try await database.run(in: .plain(of: owner)) { _ in
                        begin.yield(true)
                        hold.wait()
                    }
                }
            }
            var count = 0
            for await _ in began {
                count += 1
                if count == 2 { break }
            }
            try await database.run(in: .urgent) { try $0.ping() }
            for _ in held { hold.signal() }
            for task in held { try await task.value }
        }
    }

    @Test func `A transaction that is to run again holds no thread until then`() async throws {
        var options = DatabaseOptions()
        options.threads = 1
        try await withTestDatabase(options: options) { database in
            try database.withConnection { try $0.ensureCollection("a") }
            try await FailPoint.lent(for: database) { point in
                try point.fail(["insert"], times: 100_000, ["errorCode": 112, "errorLabels": ["TransientTransactionError"]])
                let (began, begin) = AsyncStream.makeStream(of: Bool.self)
                let endless = Task {
                    try await database.transaction(within: .seconds(600)) { transaction in
                        begin.yield(true)
                        try transaction.insert("a", [["_id": 1]])
                    }
                }
                #expect(await began.first { $0 } == true)
                try await database.run { try $0.ping() }
                endless.cancel()
                await #expect(throws: (any Error).self) { try await endless.value }
            }
        }
    }

    @Test func `A read that takes longer than its caller has time is ended by the server`() async throws {
        try await withTestDatabase { database in
            try database.withConnection { try $0.insert("a", [["_id": 1]]) }
            // Ten thousand million documents, one by one.
            let endless: [Document] = (0..<2).flatMap { _ in [["$addFields": ["n": ["$range": [0, 100_000]]]], ["$unwind": "$n"]] }
            let error = #expect(throws: MongoError.self) {
                try database.withConnection(by: .now + .milliseconds(200)) {
                    try $0.aggregate("a", endless + [["$group": ["_id": .null, "count": ["$sum": 1]]]])
                }
            }
            #expect(error?.kind == .timeout)
            try database.ping()
        }
    }
}

extension DatabaseThreads.Job {
    fileprivate static func on(_ lane: Lane, _ run: @escaping @Sendable () -> Void) -> Self {
        Self(enqueued: .now, lane: lane, run: run, refuse: { _ in })
    }
}
