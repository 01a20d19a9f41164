package import Metering
package import Service

/// The collections that can be exported.
package enum ExportCollection: String, CaseIterable, Sendable {
    case subscriptions
    case tokenUsage = "token_usage"
    case usageEvents = "usage_events"
    case invoices, transactions, wallets
    case walletEntries = "wallet_entries"

    /// The scope that a key must have to export the collection, as to list it.
    var scope: Scope {
        switch self {
        case .subscriptions, .tokenUsage, .usageEvents: .read
        default: .billing
        }
    }
}

/// An export under way. A page is read when it is asked for, so that the whole takes the memory of one page.
package protocol Export: Sendable {
    /// The number of rows so far, without the header.
    var rows: Int { get }

    /// The next rows as bytes, with the header before the first; nil after the last.
    mutating func next() async throws -> [UInt8]?
}

extension ShopMeter {
    /// Begins the export of a collection of a shop. The range `[from, to)` is about the time when an event happened; when a subscription, a
    /// transaction, a wallet or an entry was made; when an invoice was issued; and about the current period of an account.
    package func export(
        _ collection: ExportCollection, of tenant: Tenant, as format: ExportFormat, from: Timestamp? = nil, to: Timestamp? = nil
    ) -> any Export {
        let limit = PagedExport<Subscription>.pageSize
        let range = TimeRange(from: from, to: to)
        switch collection {
        case .subscriptions:
            return PagedExport(
                format, Subscription.exportColumns, where: { range.contains($0.createdAt) },
                page: { last in try await self.exportedSubscriptions(of: tenant, after: last?.id, limit: limit) })
        case .tokenUsage:
            return PagedExport(
                format, Account.exportColumns, where: { range.overlaps($0.period) },
                page: { last in try await self.exportedAccounts(of: tenant, after: last?.user, limit: limit) })
        case .usageEvents:
            return PagedExport(
                format, RecordedEvent.exportColumns, where: { range.contains($0.at) },
                page: { last in try await self.exportedEvents(of: tenant, after: last, limit: limit) })
        case .invoices:
            return PagedExport(
                format, Invoice.exportColumns, where: { range.contains($0.issuedAt) },
                page: { last in try await self.exportedInvoices(of: tenant, after: last?.number, limit: limit) })
        case .transactions:
            return PagedExport(
                format, RecordedTransaction.exportColumns, where: { range.contains($0.transaction.at) },
                page: { last in try await self.exportedTransactions(of: tenant, after: last?.id, limit: limit) })
        case .wallets:
            return PagedExport(
                format, Wallet.exportColumns, where: { range.contains($0.createdAt) },
                page: { last in try await self.exportedWallets(of: tenant, after: last?.owner, limit: limit) })
        case .walletEntries:
            return PagedExport(
                format, WalletEntry.exportColumns, where: { range.contains($0.at) },
                page: { last in try await self.exportedWalletEntries(of: tenant, after: last, limit: limit) })
        }
    }
}

extension Export {
    /// Writes the rest of the export. Returns the number of rows of the whole.
    package mutating func write(to sink: ([UInt8]) async throws -> Void) async throws -> Int {
        while let bytes = try await next() { try await sink(bytes) }
        return rows
    }
}
