import Mongo
import ServiceSupport
import Store
import Support
import Synchronization
import Testing

@testable import Service

@Suite struct AnswerInTimeTests {
    @Test func `Work that waits for ever is answered at its deadline, and is cancelled`() async throws {
        try await withTestService { test in
            let (ended, end) = AsyncStream.makeStream(of: Bool.self)
            let error = await #expect(throws: ServiceError.self) {
                try await test.service.within(.milliseconds(1)) {
                    await withTaskCancellationHandler {
                        await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
                    } onCancel: {
                        end.yield(true)
                    }
                }
            }
            guard case .overloaded = error else { throw WrongAnswer(error: error) }
            #expect(await ended.first { $0 } == true)
        }
    }

    @Test func `Work knows its deadline, and so does each call of the database`() async throws {
        try await withTestService { test in
            let (work, call) = try await test.service.within(.seconds(600)) {
                (Deadline.current, try await test.store.read { $0.deadline })
            }
            #expect(work.instant != nil && work.instant == call)
            #expect(try await test.store.read { $0.deadline } == nil)
            #expect(try await test.service.within(.seconds(600)) { 7 } == 7)
        }
    }

    @Test func `An alarm rings once, when its time has come, and not when it was cleared`() {
        let alarms = Alarms()
        let rung = Mutex<[Int]>([])
        let start = ContinuousClock.now + .seconds(3_600)
        for number in 0..<3 {
            let set = alarms.set(start + .seconds(number)) { rung.withLock { $0.append(number) } }
            if number == 1 { alarms.clear(set) }
        }
        alarms.ring(at: start - .seconds(1))
        #expect(rung.withLock { $0 } == [])
        alarms.ring(at: start)
        alarms.ring(at: start + .seconds(5))
        alarms.ring(at: start + .seconds(5))
        #expect(rung.withLock { $0 } == [0, 2])
    }

    private struct WrongAnswer: Error {
        let error: ServiceError?
    }
}

extension ShopMeter {
    fileprivate func within<Value: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            within(limit, work) { continuation.resume(with: $0) }
        }
    }
}
