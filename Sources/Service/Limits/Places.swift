internal import Dispatch
internal import Store
internal import Synchronization

/// The places of heavy reads. A shop has a few: further reads of it wait for one, in order and for a while, and hold up no other shop.
final class Places: Sendable {
    private struct Line {
        var taken = 0
        var waiting: [(number: Int, answer: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var lines: [Tenant: Line] = [:]
        var last = 0
    }

    static let perShop = 3
    /// The most reads of a shop that wait.
    static let waiting = 64
    static let patience = Duration.seconds(4)

    private let state = Mutex(State())

    /// Waits for a place. Nil when too many wait, or none was free in time. Who gets one gives it back by `leave`, once.
    func enter(_ tenant: Tenant, alarms: Alarms) async -> Place? {
        let hasPlace = await withCheckedContinuation { continuation in
            let answer: (now: Bool?, number: Int) = state.withLock { state in
                state.last += 1
                var line = state.lines[tenant] ?? Line()
                defer { state.lines[tenant] = line }
                guard line.taken >= Self.perShop else {
                    line.taken += 1
                    return (true, state.last)
                }
                guard line.waiting.count < Self.waiting else { return (false, state.last) }
                line.waiting.append((state.last, continuation))
                return (nil, state.last)
            }
            guard let now = answer.now else {
                _ = alarms.set(.now + Self.patience) { [weak self] in self?.giveUp(answer.number, of: tenant) }
                return
            }
            continuation.resume(returning: now)
        }
        return hasPlace ? Place(of: tenant, in: self) : nil
    }

    /// For tests, to which nothing else announces a waiting caller.
    func waitingCount(of tenant: Tenant) -> Int { state.withLock { $0.lines[tenant]?.waiting.count ?? 0 } }

    private func giveUp(_ number: Int, of tenant: Tenant) {
        let answer: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard let index = state.lines[tenant]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            return state.lines[tenant]?.waiting.remove(at: index).answer
        }
        answer?.resume(returning: false)
    }

    /// Gives the place to the first who waits.
    fileprivate func leave(_ tenant: Tenant) {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard var line = state.lines[tenant] else { return nil }
            defer { state.lines[tenant] = line.taken == 0 && line.waiting.isEmpty ? nil : line }
            guard line.waiting.isEmpty else { return line.waiting.removeFirst().answer }
            line.taken -= 1
            return nil
        }
        next?.resume(returning: true)
    }
}

/// A place of a shop's, until it is left or nobody has it any more: a body that is never streamed leaves it, too.
package final class Place: Sendable {
    private let tenant: Tenant
    private let places: Places
    private let isLeft = Atomic(false)

    fileprivate init(of tenant: Tenant, in places: Places) {
        self.tenant = tenant
        self.places = places
    }

    deinit { leave() }

    package func leave() {
        guard !isLeft.exchange(true, ordering: .relaxed) else { return }
        places.leave(tenant)
    }
}

/// One thread for what takes long to compute, so that no other request waits for it.
package final class OwnThread: TaskExecutor {
    /// For heavy reads.
    package static let heavyReads = OwnThread("heavy-reads")
    /// For requests with large bodies.
    package static let largeBodies = OwnThread("large-bodies")

    private let queue: DispatchQueue

    private init(_ name: String) { queue = DispatchQueue(label: "shopmeter.\(name)") }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The job is run once, while `self` lives: the executor is one for the life of the process.
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension ShopMeter {
    /// Takes a place for a heavy read of the credential's shop. Throws `tooManyReads` where none is free in time, and `databaseUnavailable` where those
    /// who have the places wait for a database that stands still; the operator needs none.
    package func takePlace(for credential: Credential) async throws(ServiceError) -> Place? {
        switch credential {
        case .admin: return nil
        case .shop(let tenant, _, _), .endUser(let tenant, _):
            if let place = await readPlaces.enter(tenant, alarms: alarms) { return place }
            throw await Self.answers(store) ? .tooManyReads : .databaseUnavailable
        }
    }
}
