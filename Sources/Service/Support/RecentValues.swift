internal import Store
internal import Synchronization

/// Values that requests read lately, so that most need no look-up: keys, secrets, limits, endpoints. A value is used for at most 4 s after it was
/// read; that an id has none, for 2 s. Callers who ask for an id at once share one read.
final class RecentValues<ID: Hashable & Sendable, Value: Sendable>: Sendable {
    enum Answer: Sendable {
        /// Nil: the id has no value.
        case fresh(Value?)
        /// A value that is still trusted; the caller who gets it reads it again.
        case aging(Value)
        case unknown
    }

    private typealias Waiting = CheckedContinuation<Result<Value?, any Error>?, Never>

    private struct Memory {
        var known = BoundedCache<ID, (value: Value, readAt: ContinuousClock.Instant)>(capacity: CacheTrust.capacity)
        /// When ids were found to have no value. They stand apart, so that guessed ids push nothing out that is known.
        var strangers = BoundedCache<ID, ContinuousClock.Instant>(capacity: CacheTrust.capacity)
        /// The reads under way, with those who wait for them. What was forgotten since a read began is not remembered by it.
        var reads: [ID: (waiting: [Waiting], isStale: Bool)] = [:]

        /// An id that had a value, and has none now, is forgotten: it is marked as a stranger's when it is asked for again.
        mutating func settle(_ id: ID, _ value: Value?, asked: ContinuousClock.Instant) {
            if let value {
                known[id] = (value, asked)
                strangers[id] = nil
            } else if known[id] == nil {
                strangers[id] = asked
            } else {
                known[id] = nil
            }
        }
    }

    private let memory = Mutex(Memory())

    /// The remembered value of `id`, else the value that `read` returns; nil when there is none.
    func value(of id: ID, read: (ID) async throws -> Value?) async throws -> Value? {
        switch find(id) {
        case .fresh(let value): return value
        case .aging(let value):
            do { return try await readAgain(id, read) } catch { return value }
        case .unknown: return try await readAgain(id, read)
        }
    }

    func find(_ id: ID, at now: ContinuousClock.Instant = .now) -> Answer {
        memory.withLock { memory in
            guard let entry = memory.known.use(id), now - entry.readAt < CacheTrust.trusted else {
                return memory.strangers.use(id).map { now - $0 < CacheTrust.fresh } == true ? .fresh(nil) : .unknown
            }
            let isFresh = now - entry.readAt < CacheTrust.fresh
            guard !isFresh, now - entry.readAt < CacheTrust.trusted - .seconds(1) else { return .fresh(entry.value) }
            // This caller reads it again; for other callers it is fresh for the last second of its trust.
            memory.known[id] = (entry.value, now - (CacheTrust.trusted - .seconds(1)))
            return .aging(entry.value)
        }
    }

    /// Whether nothing is remembered of the id, not even a value that is no longer trusted.
    func isStranger(_ id: ID) -> Bool {
        memory.withLock { memory in
            memory.known[id] == nil && memory.strangers[id].map { ContinuousClock.now - $0 < CacheTrust.fresh } != true
        }
    }

    func remember(_ value: Value, of id: ID, readAt: ContinuousClock.Instant) {
        memory.withLock { $0.settle(id, value, asked: readAt) }
    }

    /// Forgets the value, or that there is none.
    func forget(_ id: ID) {
        memory.withLock { memory in
            memory.known[id] = nil
            memory.strangers[id] = nil
            memory.reads[id]?.isStale = true
        }
    }

    /// For tests, to which nothing else announces a caller who waits for the read of another; nil while none is under way.
    func waitingCount(of id: ID) -> Int? { memory.withLock { $0.reads[id]?.waiting.count } }

    private func readAgain(_ id: ID, _ read: (ID) async throws -> Value?) async throws -> Value? {
        if let shared = await join(id) {
            if case .success(let value) = shared { return value }
            // Whoever read may have had no time left: then this caller reads, or the next one.
            if let shared = await join(id) { return try shared.get() }
        }
        let (asked, result): (ContinuousClock.Instant, Result<Value?, any Error>)
        asked = .now
        do { result = .success(try await Share.$current.withValue(.urgent, operation: { try await read(id) })) } catch {
            result = .failure(error)
        }
        settle(id, result, asked: asked)
        return try result.get()
    }

    /// Waits for the read of the id that is under way, and returns its result; nil when there is none, and the caller begins one.
    private func join(_ id: ID) async -> Result<Value?, any Error>? {
        await withCheckedContinuation { continuation in
            let begins = memory.withLock { memory in
                guard memory.reads[id] != nil else {
                    memory.reads[id] = ([], false)
                    return true
                }
                memory.reads[id]?.waiting.append(continuation)
                return false
            }
            if begins { continuation.resume(returning: nil) }
        }
    }

    private func settle(_ id: ID, _ result: Result<Value?, any Error>, asked: ContinuousClock.Instant) {
        let waiting: [Waiting] = memory.withLock { memory in
            guard let read = memory.reads.removeValue(forKey: id) else { return [] }
            if !read.isStale, case .success(let value) = result { memory.settle(id, value, asked: asked) }
            return read.waiting
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }
}

/// For how long a value is trusted, and how many values are kept.
private enum CacheTrust {
    /// A revoked key stops within 5 s on every instance: this, and less than a second for the reading.
    static let trusted: Duration = .seconds(4)
    /// Also for how long an id without a value is not looked for again: a key or shop that another instance makes meanwhile works by then.
    static let fresh: Duration = .seconds(2)
    static let capacity = 10_000
}
