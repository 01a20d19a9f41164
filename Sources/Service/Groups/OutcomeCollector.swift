internal import Synchronization

/// Outcomes of a batch, which come from several lanes in any order.
final class OutcomeCollector: Sendable {
    private struct State {
        var outcomes: [AccountOutcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let finish: @Sendable ([AccountOutcome]) -> Void

    init(count: Int, finish: @escaping @Sendable ([AccountOutcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.finish = finish
    }

    func set(_ outcome: AccountOutcome, at index: Int) {
        let all: [AccountOutcome]? = state.withLock { state in
            if state.outcomes[index] == nil { state.missing -= 1 }
            state.outcomes[index] = outcome
            return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
        }
        if let all { finish(all) }
    }
}
