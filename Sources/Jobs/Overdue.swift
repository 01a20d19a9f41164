internal import Service
internal import Store

extension Job {
    /// Finds the invoices whose day has passed without a payment.
    package static let overdue = Job(name: "overdue", counts: ["invoices_overdue"], due: [.invoices]) { shop in
        ["invoices_overdue": try await shop.fallDueInvoices()]
    }
}

extension ShopTurn {
    /// Makes every pending invoice overdue whose day has come.
    func fallDueInvoices() async throws -> Int {
        try await everyGroup {
            try await service.usersOfDueInvoices(of: tenant, at: now, without: $0)
        } _: {
            try await service.fallDueInvoices(of: $0, in: tenant, at: now, lease: held())
        }
    }
}
