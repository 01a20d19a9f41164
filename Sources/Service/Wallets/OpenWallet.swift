package import Metering
internal import Store

package struct OpenedWallet: Equatable, Sendable {
    /// As it was opened.
    package let wallet: Wallet
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// Opens a user's wallet with the first credit. A wallet that is open gets the first answer.
    package func openWallet(of user: UserID, in tenant: Tenant) async throws -> OpenedWallet {
        try await openWallet(of: user, in: tenant, once: nil).result
    }

    /// Opens a user's wallet, once for an idempotency key.
    package func openWallet(
        of user: UserID, in tenant: Tenant, once: IdempotentRequest<OpenedWallet>?
    ) async throws -> IdempotentOutcome<OpenedWallet> {
        let (now, shop) = (try await now(of: tenant), try await shop(of: tenant))
        return try await open(.user(user), creator: nil, in: tenant, once: once) { _ in
            (Wallet.opened(for: .user(user), credit: shop.rules.userCredit, currency: shop.currency, at: now), isFirst: false)
        }
    }

    /// Opens a project's wallet: with a credit, when it is the creator's first. Throws `idempotencyConflict` when it has another creator.
    package func openProject(_ id: ProjectID, creator: UserID, in tenant: Tenant) async throws -> OpenedWallet {
        let (now, shop) = (try await now(of: tenant), try await shop(of: tenant))
        return try await open(.project(id), creator: creator, in: tenant, once: nil) { transaction in
            let isFirst = try !Wallets.hasProject(of: creator, in: tenant, transaction)
            let credit = isFirst ? shop.rules.projectCredit : .zero
            return (Wallet.opened(for: .project(id), creator: creator, credit: credit, currency: shop.currency, at: now), isFirst)
        }.result
    }

    private func open(
        _ owner: WalletOwner, creator: UserID?, in tenant: Tenant, once: IdempotentRequest<OpenedWallet>?,
        _ make: @escaping @Sendable (Transaction) throws -> (opened: (Wallet, WalletEntry), isFirst: Bool)
    ) async throws -> IdempotentOutcome<OpenedWallet> {
        try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    if let first = try Self.opened(owner, creator: creator, in: tenant, transaction) { return first }
                    let ((wallet, entry), isFirst) = try make(transaction)
                    try Wallets.insert(wallet, isFirstProject: isFirst, of: tenant, in: transaction)
                    try WalletEntries.insert([(tenant, entry)], in: transaction)
                    try AuditTrail.note(
                        .walletOpen, owner.project?.rawValue, about: creator ?? owner.user, at: wallet.createdAt, of: tenant,
                        in: transaction)
                    return OpenedWallet(wallet: wallet, isDuplicate: false)
                }
            }
        }
    }

    /// The first answer of a wallet that is open; nil where there is none.
    private static func opened(_ owner: WalletOwner, creator: UserID?, in tenant: Tenant, _ reading: Reading) throws -> OpenedWallet? {
        guard let wallet = try Wallets.find(owner, of: tenant, reading) else { return nil }
        guard wallet.creator == creator else { throw ServiceError.idempotencyConflict("The project exists with another creator.") }
        let entry = try WalletEntries.first(of: owner, in: tenant, reading)
        return OpenedWallet(wallet: wallet.opened(by: entry), isDuplicate: true)
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
