package import Metering
package import Store

extension ShopMeter {
    /// The maximum of invoices that one transaction makes overdue.
    private static let overdueGroup = 500

    /// Makes the next pending invoices overdue whose day has come, in one transaction: how many, nil when there is none. Nothing is stored
    /// once the lease is another owner's.
    package func fallDueInvoices(of tenant: Tenant, at now: Timestamp, lease: Leases.Lease?) async throws -> Int? {
        try await transaction { transaction in
            let due = try Invoices.due(by: now, of: tenant, limit: Self.overdueGroup, transaction)
            guard !due.isEmpty else { return nil }
            try Invoices.save(due.map { ($0, try $0.afterItsDay) }, of: tenant, in: transaction)
            if let lease { try Leases.fence(lease, in: transaction) }
            return due.count
        }
    }
}

extension Invoice {
    fileprivate var afterItsDay: Invoice {
        get throws {
            var invoice = self
            try invoice.fallDue()
            return invoice
        }
    }
}
