package import Metering
internal import Store

extension ShopMeter {
    /// The invoice of that number. With a `user`, another user's invoice is `notFound`.
    package func invoice(_ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil) async throws -> Invoice {
        try await read { try Self.invoice(number, of: tenant, user: user, $0) }
    }

    /// Newest first, after the cursor `after`.
    package func invoices(
        of tenant: Tenant, user: UserID?, status: InvoiceStatus?, after: (at: Timestamp, id: InvoiceNumber)?, limit: Int
    ) async throws -> [Invoice] {
        try await read { try Invoices.list(of: tenant, .init(user: user, status: status), after: after, limit: limit, $0) }
    }

    /// Newest first, after the cursor `after`.
    package func billingTransactions(
        of tenant: Tenant, user: UserID?, after: (at: Timestamp, id: TransactionID)?, limit: Int
    ) async throws -> [RecordedTransaction] {
        try await read { try BillingTransactions.list(of: tenant, user: user, after: after, limit: limit, $0) }
    }

    static func invoice(
        _ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil, _ reading: Reading
    ) throws -> Invoice {
        guard let invoice = try Invoices.find(number, of: tenant, reading), user ?? invoice.bill.user == invoice.bill.user else {
            throw ServiceError.notFound("There is no invoice \(number).")
        }
        return invoice
    }
}
