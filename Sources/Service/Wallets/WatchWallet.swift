package import Metering
internal import Store

extension ShopMeter {
    /// Sets below which balances the shop's endpoints are told of a wallet, and what they are to fill it up with; nil: nothing is told. The present
    /// balance is held against it at once.
    package func watchWallet(
        of owner: WalletOwner, lowBelow: Money?, topUp: TopUpTerms?, in tenant: Tenant
    ) async throws -> Wallet {
        let now = try await now(of: tenant)
        return try await transaction { [settings] transaction in
            var wallet = try Self.wallet(of: owner, in: tenant, at: now, transaction)
            wallet.watch(lowBelow: lowBelow, topUp: topUp, at: now)
            let causes = wallet.takeNotices()
            try Wallets.save([WalletKey(tenant: tenant, owner: owner): wallet], in: transaction)
            try settings.outbox.tell(causes, of: tenant, at: now, in: transaction)
            try AuditTrail.note(.walletWatch, owner.project?.rawValue, about: owner.user, at: now, of: tenant, in: transaction)
            return wallet
        }
    }
}

extension Wallet {
    /// What the wallet's changes since it was read are to be told of, once.
    mutating func takeNotices() -> [WebhookCause] {
        let told = self
        defer { clearNotices() }
        return notices.map { notice in
            switch notice {
            case .low: .walletLow(told)
            case .topUp(let terms): .topUpRequested(told, terms)
            }
        }
    }
}
