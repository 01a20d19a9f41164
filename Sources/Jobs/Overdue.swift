internal import Service

extension Job {
    /// Finds the invoices whose day has passed without a payment.
    package static let overdue = Job(name: "overdue", counts: ["invoices_overdue"]) { shop in
        ["invoices_overdue": try await shop.fallDueInvoices()]
    }
}

extension ShopTurn {
    /// Makes every pending invoice overdue whose day has come.
    func fallDueInvoices() async throws -> Int {
        try await everyPage { lease in try await service.fallDueInvoices(of: tenant, at: now, lease: lease) }
    }
}
