package import Metering
internal import Store

package struct ChargeAnswer: Equatable, Sendable {
    package let entry: WalletEntry
    package let isDuplicate: Bool
}

typealias ChargeOutcome = Result<ChargeAnswer, ServiceError>

extension ChargeCommand {
    func answer(madeAs first: WalletEntry) -> ChargeOutcome {
        guard first.charge?.content == content else {
            return .failure(.idempotencyConflict("The charge \(id) was made with other content."))
        }
        return .success(ChargeAnswer(entry: first, isDuplicate: true))
    }
}

/// Commits charges. Everything is read in the transaction that writes, so that one settled on what moved meanwhile is settled again.
struct ChargeCommitter: GroupCommitter {
    let store: MeterStore
    let clocks: ShopClocks

    var freshMemory: Void { () }

    func attempt(_ open: inout [Pending<ChargeCommand, ChargeAnswer>], remembering memory: inout Void) throws {
        let commands = open.map(\.command)
        let outcomes = try store.blockingTransaction(within: GroupPatience.limit) { transaction in
            let settlement = ChargeSettlement(commands, on: try ChargeBasis(commands, clocks: clocks, transaction))
            try WalletEntries.insert(settlement.entries, in: transaction)
            try Wallets.save(settlement.wallets, in: transaction)
            try BillingErrors.save(settlement.errors, in: transaction)
            return settlement.outcomes
        }
        for (pending, outcome) in zip(open, outcomes) { pending.finish(outcome) }
        open = []
    }

    func forget(_ open: [Pending<ChargeCommand, ChargeAnswer>], in memory: inout Void) {}

    /// The next attempt reads what was made.
    func answerDone(_ open: inout [Pending<ChargeCommand, ChargeAnswer>]) {}
}
