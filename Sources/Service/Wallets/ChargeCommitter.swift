internal import Metering
internal import Store

/// Commits charges. Everything is read in the transaction that writes, so that a charge that was settled on a wallet that moved is settled again.
struct ChargeCommitter: GroupCommitter {
    let store: MeterStore
    let clocks: ShopClocks
    let outbox: Outbox

    var freshMemory: Void { () }

    func attempt(
        _ group: [Pending<ChargeCommand, ChargeAnswer>], remembering memory: inout Void
    ) throws -> [Pending<ChargeCommand, ChargeAnswer>] {
        let commands = group.map(\.command)
        let outcomes = try store.blockingTransaction { transaction in
            let settlement = ChargeSettlement(commands, on: try ChargeBasis(commands, clocks: clocks, transaction))
            try WalletEntries.insert(settlement.entries, in: transaction)
            try Wallets.save(settlement.wallets, in: transaction)
            try BillingErrors.save(settlement.errors, in: transaction)
            try outbox.tell(settlement.causes, at: settlement.times, in: transaction)
            return settlement.outcomes
        }
        for (pending, outcome) in zip(group, outcomes) { pending.finish(outcome) }
        return []
    }

    func forget(_ group: [Pending<ChargeCommand, ChargeAnswer>], in memory: inout Void) {}

    /// All of them are tried again: the next attempt reads those that were made before.
    func answerDone(
        _ group: [Pending<ChargeCommand, ChargeAnswer>]
    ) -> (done: [Pending<ChargeCommand, ChargeAnswer>], open: [Pending<ChargeCommand, ChargeAnswer>]) { ([], group) }
}

/// The part of the database on which a group of charges rests, read in the transaction that stores their changes.
struct ChargeBasis {
    var wallets: [WalletKey: Wallet]
    var errors: [ChargeKey: BillingError]
    /// The entries of charges that were made before.
    let entries: [WalletEntryKey: WalletEntry]
    /// The prices in force now.
    var prices: [PricedModel: ModelPrice] = [:]
    var times: ShopTimes = [:]

    init(_ commands: [ChargeCommand], clocks: ShopClocks, _ reading: Reading) throws {
        wallets = try Wallets.find(Set(commands.map(\.user) + commands.compactMap(\.project)), reading)
        errors = try BillingErrors.find(Set(commands.map(\.key)), reading)
        entries = try WalletEntries.find(Set(commands.map(\.entry)), reading)
        for tenant in Set(commands.map(\.tenant)) { times[tenant] = try clocks.now(of: tenant, reading) }
        for model in Set(commands.map(\.model)) {
            prices[model] = try ModelPrices.found(
                for: model.model, soldBy: model.provider, at: times.of(model.tenant), of: model.tenant, reading)
        }
    }
}
