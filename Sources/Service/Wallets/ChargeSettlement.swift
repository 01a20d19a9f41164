internal import Metering
internal import Store

/// A group of charges settled in order: the documents to store, and the answer of each charge. No I/O.
struct ChargeSettlement {
    private var basis: ChargeBasis
    private var touched: Set<WalletKey> = []
    private var refused: Set<ChargeKey> = []
    private var made: [WalletEntryKey: WalletEntry] = [:]
    private(set) var entries: [(tenant: Tenant, entry: WalletEntry)] = []
    private(set) var outcomes: [ChargeOutcome] = []
    /// What its endpoints are told, by shop.
    private(set) var causes: [Tenant: [WebhookCause]] = [:]

    init(_ commands: [ChargeCommand], on basis: ChargeBasis) {
        self.basis = basis
        outcomes.reserveCapacity(commands.count)
        for command in commands { outcomes.append(settle(command)) }
    }

    var wallets: [WalletKey: Wallet] { basis.wallets.filter { touched.contains($0.key) } }
    var times: ShopTimes { basis.times }
    var errors: [ChargeKey: BillingError] { basis.errors.filter { refused.contains($0.key) } }

    private mutating func settle(_ command: ChargeCommand) -> ChargeOutcome {
        if let first = basis.entries[command.entry] ?? made[command.entry] { return command.answer(madeAs: first) }
        let charge: Charge
        do {
            charge = try command.charge(at: basis.prices[command.model], project: project(of: command))
        } catch {
            return .failure(error)
        }
        let now = basis.times.of(command.tenant)
        if charge.isFree || command.needsNoWallet, project(of: command) == nil, basis.wallets[command.user] == nil {
            return .success(ChargeAnswer(charge, paidBy: nil, at: now, isDuplicate: false))
        }
        do {
            return .success(ChargeAnswer(charge, paidBy: try pay(charge, for: command), at: now, isDuplicate: false))
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
        if entry.owner == command.user.owner {
            noteFallback(of: charge, in: command, at: now)
            basis.wallets[payer] = user
        } else {
            basis.wallets[payer] = project
        }
        touched.insert(payer)
        if let told = basis.wallets[payer]?.takeNotices(), !told.isEmpty { causes[command.tenant, default: []] += told }
        made[command.entry] = entry
        entries.append((command.tenant, entry))
        if basis.errors[command.key] != nil {
            basis.errors[command.key]?.resolve(.charged, at: now)
            refused.insert(command.key)
        }
        return entry
    }

    /// The history of a project shows what fell to its user.
    private mutating func noteFallback(of charge: Charge, in command: ChargeCommand, at now: Timestamp) {
        guard let key = command.project, let entry = basis.wallets[key]?.noteFallback(charge, at: now) else { return }
        touched.insert(key)
        entries.append((command.tenant, entry))
    }

    private mutating func refuse(_ charge: Charge, _ balance: InsufficientBalance, for command: ChargeCommand) -> ChargeOutcome {
        let now = basis.times.of(command.tenant)
        if basis.errors[command.key] != nil {
            basis.errors[command.key]?.refuse(charge.content, balance, at: now)
        } else {
            let error = BillingError(
                id: charge.id, content: charge.content, balance: balance, currency: charge.prices.currency, createdAt: now, refusedAt: now)
            basis.errors[command.key] = error
            causes[command.tenant, default: []].append(.billingErrorCreated(error))
        }
        refused.insert(command.key)
        return .failure(.insufficientBalance(charge.id, balance, charge.prices.currency))
    }
}
