internal import Synchronization

/// Reads that callers ask for one key at a time, and that the database answers for many keys at once for little more than for one. A caller begins a
/// round of reading while few of its group run; else it waits, and the next round reads for all who wait. So what a caller stored before it asked is in
/// its answer.
///
/// A round that fails says nothing about its keys: each of its callers then reads its own alone, in the time that it has.
final class GatheredReads<Group: Hashable & Sendable, Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// The maximum of callers in one round.
    static var bound: Int { 100 }

    /// While one round waits for the database, the answer of another is decoded.
    private static var roundsAtOnce: Int { 2 }

    private struct Caller {
        let key: Key
        let continuation: CheckedContinuation<Turn, Never>
    }

    private enum Turn {
        /// The caller reads for itself and for those who follow it.
        case leads([Caller])
        case answered(Value?)
        case alone
    }

    private struct Line {
        var rounds = 0
        /// Whose turn comes when a round ends, in the order of their calls.
        var waiting: [Caller] = []
    }

    private let lines = Mutex<[Group: Line]>([:])

    /// The value of the key; nil where `read` gives none for it.
    func value(of key: Key, in group: Group, read: ([Key]) async throws -> [Key: Value]) async throws -> Value? {
        switch await turn(of: key, in: group) {
        case .answered(let value): return value
        case .alone: return try await read([key])[key]
        case .leads(let followers):
            let values: [Key: Value]
            do { values = try await read(Array(Set(followers.map(\.key)).union([key]))) } catch {
                end(of: group, followers) { _ in .alone }
                guard !followers.isEmpty else { throw error }
                return try await read([key])[key]
            }
            end(of: group, followers) { .answered(values[$0]) }
            return values[key]
        }
    }

    /// For tests, to which nothing else announces a caller who waits.
    func waitingCount(in group: Group) -> Int { lines.withLock { $0[group]?.waiting.count ?? 0 } }

    private func turn(of key: Key, in group: Group) async -> Turn {
        await withCheckedContinuation { continuation in
            let begins = lines.withLock { lines in
                guard lines[group, default: Line()].rounds < Self.roundsAtOnce else {
                    lines[group]?.waiting.append(Caller(key: key, continuation: continuation))
                    return false
                }
                lines[group, default: Line()].rounds += 1
                return true
            }
            if begins { continuation.resume(returning: .leads([])) }
        }
    }

    /// Lets the first who waits lead the next round, and answers the followers of the one that ended.
    private func end(of group: Group, _ followers: [Caller], _ answer: (Key) -> Turn) {
        let next: ArraySlice<Caller> = lines.withLock { lines in
            guard var line = lines[group] else { return [] }
            let next = line.waiting.prefix(Self.bound)
            line.waiting.removeFirst(next.count)
            if next.isEmpty { line.rounds -= 1 }
            lines[group] = line.rounds == 0 ? nil : line
            return next
        }
        next.first?.continuation.resume(returning: .leads(Array(next.dropFirst())))
        for follower in followers { follower.continuation.resume(returning: answer(follower.key)) }
    }
}
