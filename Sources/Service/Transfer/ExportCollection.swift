package import Metering
internal import Store

/// Pages of a shop's data in the order of the ids, each after a cursor, nil for the first page. A page shows what is stored when it is read.
extension ShopMeter {
    package func exportedSubscriptions(of tenant: Tenant, after id: SubscriptionID?, limit: Int) async throws -> [Subscription] {
        try await read { try Subscriptions.list(of: tenant, .init(), after: id, limit: limit, $0) }
    }

    package func exportedAccounts(of tenant: Tenant, after user: UserID?, limit: Int) async throws -> [Account] {
        try await read { try Accounts.page(of: tenant, after: user, limit: limit, $0) }
    }

    package func exportedEvents(of tenant: Tenant, after last: RecordedEvent?, limit: Int) async throws -> [RecordedEvent] {
        try await read { try UsageEvents.page(of: tenant, after: last, limit: limit, $0) }
    }

    package func exportedInvoices(of tenant: Tenant, after number: InvoiceNumber?, limit: Int) async throws -> [Invoice] {
        try await read { try Invoices.page(of: tenant, after: number, limit: limit, $0) }
    }

    package func exportedTransactions(of tenant: Tenant, after id: TransactionID?, limit: Int) async throws -> [RecordedTransaction] {
        try await read { try BillingTransactions.page(of: tenant, after: id, limit: limit, $0) }
    }

    package func exportedWallets(of tenant: Tenant, after owner: WalletOwner?, limit: Int) async throws -> [Wallet] {
        try await read { try Wallets.page(of: tenant, after: owner, limit: limit, $0) }
    }

    package func exportedWalletEntries(of tenant: Tenant, after last: WalletEntry?, limit: Int) async throws -> [WalletEntry] {
        try await read { try WalletEntries.page(of: tenant, after: last, limit: limit, $0) }
    }
}
