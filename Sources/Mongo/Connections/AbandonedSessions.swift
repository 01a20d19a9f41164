internal import BSON
internal import Synchronization

/// Sessions whose transaction was left behind on a server that did not answer. Such a transaction may still hold what it wrote, for up to a
/// minute; so the next loan of a connection ends it first.
final class AbandonedSessions: Sendable {
    private let ids = Mutex<[Value]>([])

    /// More than this many are left to the server's own limit.
    private static let bound = 1_000

    func add(_ id: Document) {
        ids.withLock { ids in
            if ids.count < Self.bound { ids.append(.document(id)) }
        }
    }

    /// Throws when the server is still away; then they stay to be ended.
    func end(through connection: Connection) throws(MongoError) {
        let ended = ids.withLock { ids in
            defer { ids = [] }
            return ids
        }
        guard !ended.isEmpty else { return }
        do {
            _ = try connection.command(["killSessions": .array(ended)])
        } catch  where error.kind == .unavailable {
            ids.withLock { $0 = Array((ended + $0).prefix(Self.bound)) }
            throw error
        } catch {
            // Without the right to end sessions (11601, 13): the server's own limit ends them.
        }
    }
}
