internal import Foundation
internal import Store

/// A command that waits for its transaction.
struct Pending<Command: Sendable, Answer: Sendable>: Sendable {
    let command: Command
    let finish: @Sendable (Result<Answer, ServiceError>) -> Void
}

/// Settles a group of commands in one transaction, and answers each when all is on disk.
protocol GroupCommitter: Sendable {
    associatedtype Command: Sendable
    associatedtype Answer: Sendable
    /// What a lane keeps from one group to the next.
    associatedtype Memory

    var freshMemory: Memory { get }

    /// One transaction; empties `open` when it is on disk and everyone is answered.
    func attempt(_ open: inout [Pending<Command, Answer>], remembering memory: inout Memory) throws

    /// Nothing of the group was stored: what is remembered of it may be old.
    func forget(_ open: [Pending<Command, Answer>], in memory: inout Memory)

    /// An id of the group is taken, or what it rests on moved: answers those that were done before, and keeps the rest.
    func answerDone(_ open: inout [Pending<Command, Answer>])
}

/// How long a group is settled anew, because ids were taken before or documents moved, before its clients are asked to try again.
enum GroupPatience {
    static let limit: Duration = .seconds(4)
}

extension GroupCommitter {
    /// Returns whether the database could be reached.
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

    /// Something in the group cannot be stored: its halves are tried, down to the command that fails alone.
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

    /// Two instances that met on a document part by chance, within 40 ms.
    private func backOff(_ tries: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.002) * Double(min(tries, 20)))
    }
}
