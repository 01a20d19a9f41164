internal import Synchronization

/// Outcomes of a batch, which come from several lanes in any order.
final class OutcomeCollector: Sendable {
    private struct State {
        var outcomes: [LedgerOutcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let finish: @Sendable ([LedgerOutcome]) -> Void

    init(count: Int, finish: @escaping @Sendable ([LedgerOutcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.finish = finish
    }

    func set(_ outcome: LedgerOutcome, at index: Int) {
        let all: [LedgerOutcome]? = state.withLock { state in
            if state.outcomes[index] == nil { state.missing -= 1 }
            state.outcomes[index] = outcome
            return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
        }
        if let all { finish(all) }
    }
}
