package import Metering
internal import Store

package struct CreditAnswer: Equatable, Sendable {
    package let entry: WalletEntry
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// Adds an amount to a wallet's balance, once for the credit's id.
    package func creditWallet(
        _ id: CreditID, _ amount: Money, reason: String, to owner: WalletOwner, in tenant: Tenant
    ) async throws -> CreditAnswer {
        let (now, key) = (try await now(of: tenant), WalletEntryKey.credit(id, tenant))
        return try await retryingDuplicates {
            try await transaction { transaction in
                if let first = try WalletEntries.find([key], transaction)[key] {
                    guard first.isCredit(of: amount, reason: reason, to: owner) else {
                        throw ServiceError.idempotencyConflict("The credit \(id) was made with other content.")
                    }
                    return CreditAnswer(entry: first, isDuplicate: true)
                }
                var wallet = try Self.wallet(of: owner, in: tenant, at: now, transaction)
                guard let entry = wallet.credit(id, amount, reason: reason, by: Author.current.actor, at: now) else {
                    throw ServiceError.invalid(field: "amount", expected: "expected an amount with which the balance has at most 15 digits")
                }
                try Self.save(wallet, with: entry, of: tenant, at: now, telling: self.settings.outbox, in: transaction)
                try AuditTrail.note(.walletCredit, id.rawValue, about: owner.user, at: now, of: tenant, in: transaction)
                return CreditAnswer(entry: entry, isDuplicate: false)
            }
        }
    }

    /// The owner's wallet in the present month. Throws `notFound` when none was opened.
    package func wallet(of owner: WalletOwner, in tenant: Tenant) async throws -> Wallet {
        let now = try await now(of: tenant)
        return try await read { try Self.wallet(of: owner, in: tenant, at: now, $0) }
    }

    /// Entries of a wallet, newest first, before the entry of that number.
    package func walletEntries(of owner: WalletOwner, in tenant: Tenant, before number: Int64?, limit: Int) async throws -> [WalletEntry] {
        try await read { reading in
            _ = try Self.wallet(of: owner, in: tenant, at: nil, reading)
            return try WalletEntryList(of: owner).page(of: tenant, after: number, limit: limit, reading)
        }
    }

    /// The owner's wallet as stored; with a time, as it is in the month of that time.
    static func wallet(of owner: WalletOwner, in tenant: Tenant, at now: Timestamp?, _ reading: Reading) throws -> Wallet {
        guard let wallet = try walletIfAny(of: owner, in: tenant, at: now, reading) else {
            throw ServiceError.notFound("\(owner.name) has no wallet.")
        }
        return wallet
    }

    /// Stores a wallet with the entry that changed it, and tells what the change is to be told of.
    static func save(
        _ wallet: Wallet, with entry: WalletEntry, of tenant: Tenant, at now: Timestamp, telling outbox: Outbox, in transaction: Transaction
    ) throws {
        var wallet = wallet
        try outbox.tell(wallet.takeNotices(), of: tenant, at: now, in: transaction)
        try WalletEntries.insert([(tenant, entry)], in: transaction)
        try Wallets.save([WalletKey(tenant: tenant, owner: entry.owner): wallet], in: transaction)
    }

    static func walletIfAny(of owner: WalletOwner, in tenant: Tenant, at now: Timestamp?, _ reading: Reading) throws -> Wallet? {
        var wallet = try Wallets.find(owner, of: tenant, reading)
        if let now { _ = wallet?.closeQuotaMonth(at: now) }
        return wallet
    }
}

extension WalletOwner {
    fileprivate var name: String {
        switch self {
        case .user(let id): "The user \(id)"
        case .project(let id): "The project \(id)"
        }
    }
}
