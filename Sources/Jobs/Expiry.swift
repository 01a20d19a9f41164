internal import Service

extension Job {
    /// Ends the holds that are past their time.
    package static let expiry = Job(name: "expiry", counts: ["reservations_expired"]) { shop in
        ["reservations_expired": try await shop.expireReservations()]
    }
}

extension ShopTurn {
    /// Ends every hold that is past its time. It is not fenced: it goes the way of every other change of an account, where doing it twice is
    /// doing it once.
    func expireReservations() async throws -> Int {
        try await everyPage { _ in try await service.expireReservations(of: tenant, at: now) }
    }
}
