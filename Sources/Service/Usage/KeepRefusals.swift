internal import Dispatch
internal import Metering
internal import Store
internal import Synchronization

/// Keeps what was refused, beside the requests: nobody waits for it. A flood of refusals is kept in part, so that it costs the database no more than a
/// batch at a time.
final class RefusalLog: Sendable {
    /// The most that wait; later ones are not kept.
    private static let room = 2_000
    private static let batch = 500

    private struct State {
        var waiting: [(tenant: Tenant, refusal: Refusal)] = []
        var isWriting = false
    }

    private let state = Mutex(State())
    private let store: MeterStore
    private let clock: any WallClock
    private let written = DispatchGroup()

    init(store: MeterStore, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    func note(_ refusals: [(tenant: Tenant, refusal: Refusal)]) {
        guard !refusals.isEmpty else { return }
        let begins = state.withLock { state in
            state.waiting += refusals.prefix(max(0, Self.room - state.waiting.count))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard begins else { return }
        written.enter()
        Task {
            while let next = take() {
                // What cannot be written now is left: no balance rests on it.
                try? await store.write { [clock] in try Refusals.insert(next, at: clock.now(), $0) }
            }
            written.leave()
        }
    }

    /// Waits until what is under way is written, for at most a second.
    func drain() { _ = written.wait(timeout: .now() + .seconds(1)) }

    /// Nil when nothing waits; then the next note begins anew.
    private func take() -> [(tenant: Tenant, refusal: Refusal)]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let next = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(next.count)
            return next
        }
    }
}

extension AccountCommand {
    /// The request as a refusal names it, with its meter and amount; nil for what is not refused for want of an allowance.
    var refusable: (kind: Refusal.Kind, id: String, meter: Meter, amount: Quantity)? {
        switch self {
        case .record(let command): (.event, command.event.rawValue, command.content.meter, command.content.amount)
        case .hold(let command): (.hold, command.request.id.rawValue, command.request.meter, command.request.amount)
        case .call(let command): (.call, command.id.rawValue, command.usage.content.meter, command.usage.content.amount)
        case .purchase, .free: nil
        }
    }
}
