internal import Foundation
internal import Store

/// A command that waits for its transaction.
struct Pending<Command: Sendable, Answer: Sendable>: Sendable {
    let command: Command
    let finish: @Sendable (Result<Answer, ServiceError>) -> Void
}

/// Settles a group of commands in one transaction, and answers each command when the transaction is on disk.
protocol GroupCommitter: Sendable {
    associatedtype Command: Sendable
    associatedtype Answer: Sendable
    /// What a partition keeps from one group to the next.
    associatedtype Memory

    var freshMemory: Memory { get }

    /// Commits the group in one transaction. When it is on disk, answers every command, and empties `open`.
    func attempt(_ open: inout [Pending<Command, Answer>], remembering memory: inout Memory) throws

    /// Forgets what is remembered of the group's accounts, which may be stale, as nothing of the group was stored.
    func forget(_ open: [Pending<Command, Answer>], in memory: inout Memory)

    /// After a duplicate id or a conflict: answers the commands that were done before, and keeps the others in `open`.
    func answerDone(_ open: inout [Pending<Command, Answer>])
}

/// How long a group is settled again after duplicate ids and conflicts, before its clients are asked to try again.
enum GroupPatience {
    static let limit: Duration = .seconds(4)
}

extension GroupCommitter {
    /// Commits the group, in as many attempts as that takes. Returns false when the database could not be reached.
    func commit(_ group: [Pending<Command, Answer>], remembering memory: inout Memory) -> Bool {
        var open = group
        let deadline = ContinuousClock.now + GroupPatience.limit
        var tries = 0
        while !open.isEmpty, .now < deadline {
            defer { tries += 1 }
            do {
                if tries > 0 { backOff(tries) }
                try attempt(&open, remembering: &memory)
            } catch let error as StoreError where error.kind == .duplicate || error.kind == .conflict {
                forget(open, in: &memory)
                answerDone(&open)
            } catch let error as StoreError where error.kind == .unavailable {
                fail(open, .databaseUnavailable, forgettingIn: &memory)
                return false
            } catch let error as StoreError where error.kind == .overloaded {
                break
            } catch {
                return isolate(open, error, remembering: &memory)
            }
        }
        fail(open, .overloaded, forgettingIn: &memory)
        return true
    }

    /// Commits each half of a group that cannot be stored, down to the one command that fails alone.
    private func isolate(_ open: [Pending<Command, Answer>], _ error: any Error, remembering memory: inout Memory) -> Bool {
        guard open.count > 1 else {
            fail(open, .fault("\(error)"), forgettingIn: &memory)
            return true
        }
        forget(open, in: &memory)
        let middle = open.count / 2
        let isReached = commit(Array(open[..<middle]), remembering: &memory)
        return commit(Array(open[middle...]), remembering: &memory) && isReached
    }

    private func fail(_ open: [Pending<Command, Answer>], _ error: ServiceError, forgettingIn memory: inout Memory) {
        forget(open, in: &memory)
        for pending in open { pending.finish(.failure(error)) }
    }

    /// Waits at random, up to 40 ms, so that two instances that met on a document do not meet again.
    private func backOff(_ tries: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.002) * Double(min(tries, 20)))
    }
}
