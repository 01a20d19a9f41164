internal import Metering
internal import Store

extension ShopMeter {
    /// The most invoices that fall due together.
    private static let overdueGroup = 500

    /// Makes every pending invoice overdue whose day has come, while the lease is held.
    package func fallDueInvoices(under lease: JobLease) async throws -> ShopWalk {
        try await countingShops { try await fallDueInvoices(of: $0, under: lease) }
    }

    /// Without a lease: for a shop whose time nobody else moves.
    func fallDueInvoices(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Int {
        let now = try await now(of: tenant)
        var count = 0
        while true {
            let held = try await lease?.held()
            let done = try await transaction { transaction in
                let due = try Invoices.due(by: now, of: tenant, limit: Self.overdueGroup, transaction)
                guard !due.isEmpty else { return 0 }
                try Invoices.save(due.map { ($0, try $0.afterItsDay) }, of: tenant, in: transaction)
                if let held { try Leases.fence(held, in: transaction) }
                return due.count
            }
            guard done > 0 else { return count }
            count += done
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
