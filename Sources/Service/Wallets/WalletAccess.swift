package import Metering
internal import Store

package struct OpenedWallet: Equatable, Sendable {
    /// As it was opened.
    package let wallet: Wallet
    package let isDuplicate: Bool
}

package struct CreditAnswer: Equatable, Sendable {
    package let entry: WalletEntry
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// Opens a user's wallet with its credit; again, it is the first answer.
    package func openWallet(of user: UserID, in tenant: Tenant) async throws -> OpenedWallet {
        let (now, currency) = (try await now(of: tenant), try await shopCurrency(of: tenant))
        return try await open(.user(user), creator: nil, in: tenant) { _ in
            (Wallet.opened(for: .user(user), credit: Wallet.userCredit, currency: currency, at: now), isFirst: false)
        }
    }

    /// Opens a project's wallet: with a credit, when it is the creator's first. Throws `idempotencyConflict` when it has another creator.
    package func openProject(_ id: ProjectID, creator: UserID, in tenant: Tenant) async throws -> OpenedWallet {
        let (now, currency) = (try await now(of: tenant), try await shopCurrency(of: tenant))
        return try await open(.project(id), creator: creator, in: tenant) { transaction in
            let isFirst = try !Wallets.hasProject(of: creator, in: tenant, transaction)
            let credit = isFirst ? Wallet.firstProjectCredit : .zero
            return (Wallet.opened(for: .project(id), creator: creator, credit: credit, currency: currency, at: now), isFirst)
        }
    }

    private func open(
        _ owner: WalletOwner, creator: UserID?, in tenant: Tenant,
        _ make: @escaping @Sendable (Transaction) throws -> (opened: (Wallet, WalletEntry), isFirst: Bool)
    ) async throws -> OpenedWallet {
        try await retryingDuplicates {
            try await transaction { transaction in
                if let wallet = try Wallets.find(owner, of: tenant, transaction) {
                    guard wallet.creator == creator else {
                        throw ServiceError.idempotencyConflict("The project exists with another creator.")
                    }
                    let entry = try WalletEntries.page(of: owner, in: tenant, after: 0, limit: 1, transaction).first
                    return OpenedWallet(wallet: wallet.opened(by: entry), isDuplicate: true)
                }
                let ((wallet, entry), isFirst) = try make(transaction)
                try Wallets.insert(wallet, isFirstProject: isFirst, of: tenant, in: transaction)
                try WalletEntries.insert([(tenant, entry)], in: transaction)
                return OpenedWallet(wallet: wallet, isDuplicate: false)
            }
        }
    }

    /// Throws `notFound` where none was opened.
    package func wallet(of owner: WalletOwner, in tenant: Tenant) async throws -> Wallet {
        let now = try await now(of: tenant)
        return try await read { try Self.wallet(of: owner, in: tenant, at: now, $0) }
    }

    /// Newest first, before the entry of that number.
    package func entries(of owner: WalletOwner, in tenant: Tenant, before number: Int64?, limit: Int) async throws -> [WalletEntry] {
        try await read { reading in
            _ = try Self.wallet(of: owner, in: tenant, at: nil, reading)
            return try WalletEntries.list(of: owner, in: tenant, before: number, limit: limit, reading)
        }
    }

    /// Adds to a balance, once for the credit's id.
    package func credit(
        _ id: CreditID, _ amount: Money, reason: String, to owner: WalletOwner, in tenant: Tenant
    ) async throws -> CreditAnswer {
        let (now, key) = (try await now(of: tenant), WalletEntryKey.credit(id, tenant))
        return try await retryingDuplicates {
            try await transaction { transaction in
                if let first = try WalletEntries.find([key], transaction)[key] {
                    guard (first.owner, first.amount, first.kind) == (owner, amount, .credit(id, reason: reason)) else {
                        throw ServiceError.idempotencyConflict("The credit \(id) was made with other content.")
                    }
                    return CreditAnswer(entry: first, isDuplicate: true)
                }
                var wallet = try Self.wallet(of: owner, in: tenant, at: now, transaction)
                guard let entry = wallet.credit(id, amount, reason: reason, at: now) else {
                    throw ServiceError.invalid(field: "amount", expected: "expected an amount with which the balance has at most 15 digits")
                }
                try WalletEntries.insert([(tenant, entry)], in: transaction)
                try Wallets.save([WalletKey(tenant: tenant, owner: owner): wallet], in: transaction)
                return CreditAnswer(entry: entry, isDuplicate: false)
            }
        }
    }

    /// Sets what a pro owner may use each month before the balance.
    package func setQuota(isPro: Bool, monthly: Money, of user: UserID, in tenant: Tenant) async throws -> Wallet {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            var wallet = try Self.wallet(of: .user(user), in: tenant, at: now, transaction)
            wallet.setQuota(isPro: isPro, monthly: monthly, at: now)
            try Wallets.save([WalletKey(tenant: tenant, owner: .user(user)): wallet], in: transaction)
            return wallet
        }
    }

    /// With a time, in its month.
    static func wallet(of owner: WalletOwner, in tenant: Tenant, at now: Timestamp?, _ reading: Reading) throws -> Wallet {
        guard let wallet = try walletIfAny(of: owner, in: tenant, at: now, reading) else {
            throw ServiceError.notFound("\(owner.name) has no wallet.")
        }
        return wallet
    }

    static func walletIfAny(of owner: WalletOwner, in tenant: Tenant, at now: Timestamp?, _ reading: Reading) throws -> Wallet? {
        var wallet = try Wallets.find(owner, of: tenant, reading)
        if let now { _ = wallet?.closeQuotaMonth(at: now) }
        return wallet
    }
}

extension Wallet {
    /// The wallet as its first entry made it.
    fileprivate func opened(by entry: WalletEntry?) -> Wallet {
        Wallet(
            owner: owner, creator: creator, currency: currency, createdAt: createdAt, balance: entry?.balance ?? .zero, entries: 1,
            quota: nil)
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
