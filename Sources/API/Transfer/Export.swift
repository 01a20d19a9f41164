package import Metering
package import Service

/// The collections that can be exported.
package enum ExportCollection: String, CaseIterable, Sendable {
    case subscriptions
    case tokenUsage = "token_usage"
    case usageEvents = "usage_events"
    case invoices, transactions, wallets
    case walletEntries = "wallet_entries"
    case charges, calls, purchases, adjustments
    case consumptionLog = "consumption_log"
    case eventVoids = "event_voids"
    case auditLog = "audit_log"
    case users, plans, prices
    case billingErrors = "billing_errors"
    case creditNotes = "credit_notes"

    /// The scope that a key must have to export the collection, as to list it.
    var scope: Scope {
        switch self {
        case .subscriptions, .tokenUsage, .usageEvents, .purchases, .adjustments, .eventVoids, .auditLog, .users, .plans: .read
        default: .billingRead
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
    /// transaction, a wallet, an entry or another change was made; when an invoice was issued; from when on a price counts; and about the current
    /// period of an account. Plans have no time. `table` is for CSV.
    package func export(
        _ collection: ExportCollection, of tenant: Tenant, as format: ExportFormat, table: TableOptions = TableOptions(),
        from: Timestamp? = nil, to: Timestamp? = nil
    ) async throws -> any Export {
        let range = TimeRange(from: from, to: to)
        var table = table
        if format == .csv, table.nested == .omitted, collection == .usageEvents || collection == .calls {
            table.dimensions = try await dimensionNames(of: tenant)
        }
        let options = table
        func export<Item: Exportable>(
            _ columns: [ExportColumn<Item>], where isWanted: @escaping @Sendable (Item) -> Bool
        ) -> any Export {
            let writer = format == .csv ? RowWriter.table(TableLayout(columns, options)) : .lines(columns)
            return PagedExport(writer, where: isWanted) { last, write in
                try await self.exported(of: tenant, after: last, limit: PagedExport<Item>.pageSize, write)
            }
        }
        return switch collection {
        case .subscriptions: export(Subscription.exportColumns) { range.contains($0.createdAt) }
        case .tokenUsage: export(Account.exportColumns) { range.overlaps($0.period) }
        case .usageEvents: export(RecordedEvent.exportColumns) { range.contains($0.at) }
        case .invoices: export(Invoice.exportColumns) { range.contains($0.issuedAt) }
        case .creditNotes: export(CreditNote.exportColumns) { range.contains($0.issuedAt) }
        case .transactions: export(RecordedTransaction.exportColumns) { range.contains($0.transaction.at) }
        case .wallets: export(Wallet.exportColumns) { range.contains($0.createdAt) }
        case .walletEntries: export(WalletEntry.exportColumns) { range.contains($0.at) }
        case .consumptionLog:
            export(ConsumptionEntry.exportColumns) { range.contains($0.day.start) }
        case .charges: export(WalletEntry.paidColumns) { $0.charge != nil && range.contains($0.at) }
        case .calls: export(RecordedCall.exportColumns) { range.contains($0.at) }
        case .purchases: export(Purchase.exportColumns) { range.contains($0.at) }
        case .adjustments: export(Adjustment.exportColumns) { range.contains($0.at) }
        case .eventVoids: export(EventVoid.exportColumns) { range.contains($0.at) }
        case .auditLog: export(RecordedAuditEntry.exportColumns) { range.contains($0.entry.at) }
        case .plans: export(Plan.exportColumns) { _ in true }
        case .prices: export(ModelPrice.exportColumns) { range.contains($0.effectiveFrom) }
        case .billingErrors: export(BillingError.exportColumns) { range.contains($0.createdAt) }
        case .users: export(StoredProfile.exportColumns) { range.contains($0.createdAt) }
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
