internal import Crypto
package import Metering
internal import Store

extension ShopMeter {
    /// Adds what a user brings from elsewhere, each kind once for the user, the meter or the project: all of it or nothing. Returns what was not there
    /// already. Throws `conflict` where another amount was opened with before. `isDryRun`: nothing is stored.
    package func openBalances(_ given: OpeningBalances, in tenant: Tenant, isDryRun: Bool = false) async throws -> OpeningBalances {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await accountMutex.withLock(AccountKey(tenant: tenant, user: given.user)) {
            do {
                return try await self.retryingDuplicates {
                    try await self.issuingTransaction(of: tenant) { transaction in
                        var opening = Opening(given: given, tenant: tenant, settings: settings, now: now)
                        let added = try opening.run(in: transaction)
                        if isDryRun { throw DryRun(added: added) }
                        return added
                    }
                }
            } catch let dryRun as DryRun {
                return dryRun.added
            }
        }
    }
}

/// Takes back the transaction of a dry run.
private struct DryRun: Error {
    let added: OpeningBalances
}

/// The opening of a user's balances, in the transaction that stores it.
private struct Opening {
    private enum Kind: String { case rollover, purchased, credit, wallet }

    let given: OpeningBalances
    let tenant: Tenant
    let settings: Settings
    let now: Timestamp
    private var added: OpeningBalances

    init(given: OpeningBalances, tenant: Tenant, settings: Settings, now: Timestamp) {
        (self.given, self.tenant, self.settings, self.now) = (given, tenant, settings, now)
        added = OpeningBalances(user: given.user, meter: given.meter, project: given.project)
    }

    mutating func run(in transaction: Transaction) throws -> OpeningBalances {
        try check()
        let (rollover, purchased, credit) = (given.rollover ?? 0, given.purchased ?? 0, given.credit ?? .zero)
        if rollover != 0, try isNew(.rollover, "\(rollover)", transaction) { added.rollover = rollover }
        if purchased != 0, try isNew(.purchased, "\(purchased)", transaction) { added.purchased = purchased }
        if credit != .zero, try isNew(.credit, credit.text, transaction) { added.credit = credit }
        if let wallet = given.wallet, try isNew(.wallet, wallet.text, transaction) { added.wallet = wallet }
        if added.rollover != nil || added.purchased != nil || added.credit != nil { try openAccount(transaction) }
        if let amount = added.wallet { try openWallet(with: amount, transaction) }
        return added
    }

    private func check() throws {
        let largest = Quantity.largest
        if let rollover = given.rollover, !(-largest...largest).contains(rollover) {
            throw ServiceError.invalid(field: "rollover", expected: "expected a whole number from -\(largest) to \(largest)")
        }
        if let purchased = given.purchased, !(0...largest).contains(purchased) {
            throw ServiceError.invalid(field: "purchased", expected: "expected a whole number from 0 to \(largest)")
        }
        for (field, amount) in [("credit", given.credit), ("wallet", given.wallet)] {
            guard let amount, amount < .zero || amount >= Wallet.balanceBound else { continue }
            throw ServiceError.invalid(field: field, expected: "expected an amount from 0 to less than \(Wallet.balanceBound.text)")
        }
    }

    /// Whether the amount, as text, is not there yet: then its opening is remembered.
    private func isNew(_ kind: Kind, _ amount: String, _ transaction: Transaction) throws -> Bool {
        let key = try key(of: kind)
        if let first = try Imports.find(key, of: tenant, transaction) {
            guard first.options == amount else {
                throw ServiceError.conflict("\(owner(of: kind)) was opened with a \(kind) of \(first.options) before.")
            }
            return false
        }
        try Imports.insert(Imports.Entry(options: amount, lastAt: nil), for: key, of: tenant, at: now, in: transaction)
        return true
    }

    private func owner(of kind: Kind) -> String {
        if kind == .wallet, let project = given.project { return "The project \(project)" }
        return "The user \(given.user)"
    }

    /// By which an opening is known again. No id has a character 0.
    private func key(of kind: Kind) throws -> String {
        let whose =
            switch kind {
            case .rollover, .purchased: ["user", given.user.rawValue, given.meter.rawValue]
            case .credit: ["user", given.user.rawValue]
            case .wallet: given.project.map { ["project", $0.rawValue] } ?? ["user", given.user.rawValue]
            }
        return Hex.text(try SHA256.hash((["opening", kind.rawValue] + whose).joined(separator: "\0")))
    }

    private func id(of kind: Kind) throws -> String { "opening_" + (try key(of: kind)) }

    private func openAccount(_ transaction: Transaction) throws {
        var loaded = try LoadedBillingState(
            of: given.user, tenant: tenant, settings: settings, at: now, movingInvoices: added.credit != nil, transaction)
        do {
            if let amount = added.rollover { try carry(amount, in: &loaded, transaction) }
            if let amount = added.purchased { try buy(amount, in: &loaded, transaction) }
        } catch let refusal as UsageRefusal {
            throw ServiceError.usage(refusal)
        }
        if let amount = added.credit { try grant(amount, in: &loaded, transaction) }
        try loaded.save(in: transaction)
    }

    private func carry(_ amount: Quantity, in loaded: inout LoadedBillingState, _ transaction: Transaction) throws {
        let made = try loaded.state.account.open(
            rollover: amount, of: given.meter, as: AdjustmentID(stored: id(of: .rollover)), by: Author.current.actor, at: loaded.now,
            enforcement: settings.enforcement)
        try Adjustments.insert(made, of: tenant, in: transaction)
        try AuditTrail.note(.adjust, made.id.rawValue, about: given.user, at: loaded.now, of: tenant, in: transaction)
    }

    private func buy(_ amount: Quantity, in loaded: inout LoadedBillingState, _ transaction: Transaction) throws {
        let content = PurchaseContent(user: given.user, meter: given.meter, amount: amount)
        let made = try loaded.state.account.purchase(
            content, as: PurchaseID(stored: id(of: .purchased)), by: .current, at: loaded.now, enforcement: settings.enforcement)
        try Purchases.insert([(tenant, made)], in: transaction)
        try AuditTrail.note(.purchase, made.id.rawValue, about: given.user, at: loaded.now, of: tenant, in: transaction)
    }

    private func grant(_ amount: Money, in loaded: inout LoadedBillingState, _ transaction: Transaction) throws {
        let live = loaded.state.subscription
        guard let plan = try (live ?? Subscriptions.latest(given.user, of: tenant, transaction))?.plan else {
            throw ServiceError.conflict("The user \(given.user) has no subscription, whose invoices credit could pay.")
        }
        guard amount.units % plan.currency.smallest.units == 0 else {
            throw ServiceError.invalid(
                field: "credit", expected: "expected an amount of \(plan.currency.minorDigits) digits after the point")
        }
        let credit = CreditGrant(user: given.user, amount: amount, currency: plan.currency, reason: OpeningBalances.reason)
        try loaded.grant(credit, in: transaction)
        try AuditTrail.note(.creditGrant, amount.text, about: given.user, at: loaded.now, of: tenant, in: transaction)
    }

    private func openWallet(with amount: Money, _ transaction: Transaction) throws {
        let owner = given.project.map { WalletOwner.project($0) } ?? .user(given.user)
        let creator = given.project == nil ? nil : given.user
        guard let wallet = try ShopMeter.walletIfAny(of: owner, in: tenant, at: now, transaction) else {
            let currency = try ShopMeter.shop(tenant.shop, transaction).currency
            let (wallet, entry) = Wallet.opened(
                for: owner, creator: creator, credit: amount, currency: currency, by: Author.current.actor, at: now)
            let isFirst = try creator.map { try !Wallets.hasProject(of: $0, in: tenant, transaction) } ?? false
            try Wallets.insert(wallet, isFirstProject: isFirst, of: tenant, in: transaction)
            try WalletEntries.insert([(tenant, entry)], in: transaction)
            return try note(.walletOpen, transaction)
        }
        guard wallet.creator == creator else { throw ServiceError.conflict("The project exists with another creator.") }
        if amount > .zero { try add(amount, to: wallet, transaction) }
    }

    private func add(_ amount: Money, to wallet: Wallet, _ transaction: Transaction) throws {
        var wallet = wallet
        let id = CreditID(stored: try id(of: .wallet))
        guard let entry = wallet.credit(id, amount, reason: OpeningBalances.reason, by: Author.current.actor, at: now) else {
            throw ServiceError.invalid(field: "wallet", expected: "expected an amount with which the balance has at most 15 digits")
        }
        try ShopMeter.save(wallet, with: entry, of: tenant, at: now, telling: settings.outbox, in: transaction)
        try note(.walletCredit, transaction)
    }

    private func note(_ action: AuditAction, _ transaction: Transaction) throws {
        try AuditTrail.note(action, given.project?.rawValue, about: given.user, at: now, of: tenant, in: transaction)
    }
}
