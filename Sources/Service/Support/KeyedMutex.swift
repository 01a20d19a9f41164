internal import Synchronization

/// Runs bodies with the same key one after another, in the order of their calls, so that they do not meet in the database, where all but one
/// would start again. A caller that waits holds no thread. This is for speed alone: between instances, transactions keep the order.
final class KeyedMutex<Key: Hashable & Sendable>: Sendable {
    /// The maximum of callers that wait for one key.
    static var bound: Int { 200 }

    /// The waiting callers of each key that is locked; an empty line when nobody waits.
    private let lines = Mutex<[Key: [CheckedContinuation<Void, any Error>]]>([:])

    /// Throws `overloaded` at once when too many callers wait for the key already.
    func withLock<Result>(_ key: Key, _ body: () async throws -> Result) async throws -> Result {
        try await wait(for: key)
        defer { pass(key) }
        return try await body()
    }

    private func wait(for key: Key) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Swift.Result<Void, any Error>? = lines.withLock { lines in
                guard let line = lines[key] else {
                    lines[key] = []
                    return .success(())
                }
                guard line.count < Self.bound else { return .failure(ServiceError.overloaded) }
                lines[key]?.append(continuation)
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    private func pass(_ key: Key) {
        let next: CheckedContinuation<Void, any Error>? = lines.withLock { lines in
            guard var line = lines[key], !line.isEmpty else {
                lines[key] = nil
                return nil
            }
            let next = line.removeFirst()
            lines[key] = line
            return next
        }
        next?.resume()
    }
}
