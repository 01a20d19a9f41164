internal import Metering
internal import Store

/// A charge to be made: named, validated, and of a shop.
struct ChargeCommand: Sendable {
    let tenant: Tenant
    let id: ChargeID
    let content: ChargeContent

    var key: ChargeKey { ChargeKey(tenant: tenant, id: id) }
    var entry: WalletEntryKey { .charge(id, tenant) }
    var user: WalletKey { WalletKey(tenant: tenant, owner: .user(content.user)) }
    var project: WalletKey? { content.project.map { WalletKey(tenant: tenant, owner: .project($0)) } }
    var model: PricedModel { PricedModel(tenant: tenant, model: content.model) }

    /// The charge at its model's price, if there can be one: `price` and `project` are nil where there is none.
    func charge(at price: ModelPrice?, project: Wallet?) throws(ServiceError) -> Charge {
        guard let price else {
            throw .invalid(field: "model", expected: "expected a model with a price in force; \(content.model) has none")
        }
        if let name = content.project, project == nil { throw .notFound("There is no project \(name).") }
        let charge = Charge(id: id, content: content, price: price)
        // No wallet could ever pay more.
        guard charge.cost < Wallet.balanceBound else {
            throw .invalid(field: "input_tokens", expected: "expected tokens whose cost has at most 15 digits")
        }
        return charge
    }
}

struct PricedModel: Hashable {
    let tenant: Tenant
    let model: ModelName
}

/// What of the database a group of charges rests on, read in the transaction that stores what they change.
struct ChargeBasis {
    var wallets: [WalletKey: Wallet]
    var errors: [ChargeKey: BillingError]
    /// Charges that were made before.
    let entries: [WalletEntryKey: WalletEntry]
    /// In force now.
    var prices: [PricedModel: ModelPrice] = [:]
    var times: ShopTimes = [:]

    init(_ commands: [ChargeCommand], clocks: ShopClocks, _ reading: Reading) throws {
        wallets = try Wallets.find(Set(commands.map(\.user) + commands.compactMap(\.project)), reading)
        errors = try BillingErrors.find(Set(commands.map(\.key)), reading)
        entries = try WalletEntries.find(Set(commands.map(\.entry)), reading)
        for tenant in Set(commands.map(\.tenant)) { times[tenant] = try clocks.now(of: tenant, reading) }
        for model in Set(commands.map(\.model)) {
            prices[model] = try ModelPrices.inForce(model.model, at: times.of(model.tenant), of: model.tenant, reading)
        }
    }
}

/// A group of charges settled in order: what is to be stored, and what each is to be answered. No I/O.
struct ChargeSettlement {
    private var basis: ChargeBasis
    private var touched: Set<WalletKey> = []
    private var refused: Set<ChargeKey> = []
    private var made: [WalletEntryKey: WalletEntry] = [:]
    private(set) var entries: [(tenant: Tenant, entry: WalletEntry)] = []
    private(set) var outcomes: [ChargeOutcome] = []

    init(_ commands: [ChargeCommand], on basis: ChargeBasis) {
        self.basis = basis
        outcomes.reserveCapacity(commands.count)
        for command in commands { outcomes.append(settle(command)) }
    }

    var wallets: [WalletKey: Wallet] { basis.wallets.filter { touched.contains($0.key) } }
    var errors: [ChargeKey: BillingError] { basis.errors.filter { refused.contains($0.key) } }

    private mutating func settle(_ command: ChargeCommand) -> ChargeOutcome {
        if let first = basis.entries[command.entry] ?? made[command.entry] { return command.answer(madeAs: first) }
        let charge: Charge
        do {
            charge = try command.charge(at: basis.prices[command.model], project: project(of: command))
        } catch {
            return .failure(error)
        }
        do {
            return .success(ChargeAnswer(entry: try pay(charge, for: command), isDuplicate: false))
        } catch {
            return refuse(charge, error, for: command)
        }
    }

    private func project(of command: ChargeCommand) -> Wallet? { command.project.flatMap { basis.wallets[$0] } }

    private mutating func pay(_ charge: Charge, for command: ChargeCommand) throws(InsufficientBalance) -> WalletEntry {
        let now = basis.times.of(command.tenant)
        var (project, user) = (project(of: command), basis.wallets[command.user])
        let entry = try charge.settle(project: &project, user: &user, at: now)
        let payer = WalletKey(tenant: command.tenant, owner: entry.owner)
        basis.wallets[payer] = entry.owner == command.user.owner ? user : project
        touched.insert(payer)
        made[command.entry] = entry
        entries.append((command.tenant, entry))
        if basis.errors[command.key] != nil {
            basis.errors[command.key]?.resolve(.charged, at: now)
            refused.insert(command.key)
        }
        return entry
    }

    private mutating func refuse(_ charge: Charge, _ balance: InsufficientBalance, for command: ChargeCommand) -> ChargeOutcome {
        let now = basis.times.of(command.tenant)
        if basis.errors[command.key] != nil {
            basis.errors[command.key]?.refuse(charge.content, balance, at: now)
        } else {
            basis.errors[command.key] = BillingError(
                id: charge.id, content: charge.content, balance: balance, currency: charge.price.currency, createdAt: now, refusedAt: now)
        }
        refused.insert(command.key)
        return .failure(.insufficientBalance(charge.id, balance, charge.price.currency))
    }
}
