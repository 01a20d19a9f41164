internal import Service
internal import Store

extension Job {
    /// Ends the holds that are past their time.
    package static let expiry = Job(name: "expiry", counts: ["reservations_expired"], due: [.holds]) { shop in
        ["reservations_expired": try await shop.expireReservations()]
    }
}

extension ShopTurn {
    /// Ends every hold that is past its time. It is not fenced: it goes the way of every other change of an account, where doing it twice is
    /// doing it once.
    func expireReservations() async throws -> Int {
        var count = 0
        while true {
            _ = try await held()
            guard let page = try await service.expireReservations(of: tenant, at: now, without: excluded) else { return count }
            count += page.expired
            guard let error = page.failed.values.first else { continue }
            try await goOn(after: error)
            for (user, error) in page.failed {
                // A full queue is no fault of the user's: the shop's other holds would find it full too.
                if case ServiceError.overloaded = error { throw error }
                try note(error, of: user)
            }
        }
    }
}
